"""Keeps the embedded servers and the children running until it is told to stop, and stops them in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from selectors import DefaultSelector
from types import FrameType

from config.embedded.exceptions import EmbeddedServerError
from config.embedded.server import EmbeddedServer
from config.supervisor.child import Child, ChildKeepsDyingError, ChildSpec
from config.supervisor.console import Console
from config.supervisor.orphans import adopt_orphans, kill_orphans

TICK_SECONDS = 0.2
SERVER_CHECK_SECONDS = 2.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """One loop in one thread, so that the kernel ties each child's life to it (`embedded.launcher`)."""

    def __init__(self, specs: Sequence[ChildSpec], servers: Sequence[EmbeddedServer], console: Console) -> None:
        self.selector = DefaultSelector()
        self.children = [Child(spec, self.selector, console) for spec in specs]
        self.servers = servers
        self.console = console
        self.stops_asked = 0
        self.next_server_check = 0.0

    def run(self, on_tick: Callable[[float], None]) -> int:
        """Run until a signal asks to stop (returns 0) or something can't be kept running (returns 1)."""
        adopt_orphans()
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            while not self.stops_asked:
                self._tend(time.monotonic())
                on_tick(time.monotonic())
                self._pass_output_on()
        except (ChildKeepsDyingError, EmbeddedServerError) as error:
            self.console.say(f"Stopping everything: {error}")
            return 1
        else:
            self.console.say("Stopping. What is running may finish; once more stops at once.")
            return 0
        finally:
            self._stop_children()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stops_asked += 1

    def _tend(self, now: float) -> None:
        if now >= self.next_server_check:
            self._tend_servers()
            self.next_server_check = now + SERVER_CHECK_SECONDS
        just_ended = [child for child in self.children if child.tend(now)]
        if just_ended:
            self._kill_orphans()

    def _kill_orphans(self) -> None:
        mine = [child.process for child in self.children] + [server.process for server in self.servers]
        kill_orphans({process.pid for process in mine if process is not None})

    def _tend_servers(self) -> None:
        for server in self.servers:
            if not server.is_running():
                self.console.say(f"The {server.name} server has ended; starting it again")
                self._kill_orphans()
                server.start()

    def _pass_output_on(self) -> None:
        for key, _events in self.selector.select(TICK_SECONDS):
            key.data.forward_output()

    def _stop_children(self) -> None:
        """TERM to all at once; each is killed when its time is over, or when asked to stop again."""
        # Not the present number: the second signal may have come between the announcement and here.
        first = min(self.stops_asked, 1)
        started = time.monotonic()
        for child in self.children:
            child.ask_to_stop()
        while waiting := [child for child in self.children if not child.has_ended()]:
            self._pass_output_on()
            for child in waiting:
                if self.stops_asked > first or time.monotonic() - started > child.spec.stop_seconds:
                    child.kill()
        self._kill_orphans()
