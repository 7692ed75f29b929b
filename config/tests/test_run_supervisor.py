"""The supervisor's own behaviour, with small stand-ins for the project's processes."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from selectors import DefaultSelector
from unittest.mock import patch

import psutil
import pytest

from config.embedded.processes import wait_until
from config.management.commands.run import child_specs, web_command
from config.supervisor.child import ALLOCATOR, Child, ChildKeepsDyingError, ChildSpec, describe_end
from config.supervisor.console import Console
from config.supervisor.preflight import NotReadyToRunError, only_one, require_free_port
from config.supervisor.supervisor import Supervisor
from config.tests.running import PROJECT, have_ended

SCRIPT = """
import sys
from pathlib import Path
from config.supervisor.child import ChildSpec
from config.supervisor.console import Console
from config.supervisor.supervisor import Supervisor

code, seconds = sys.argv[1], float(sys.argv[2])
spec = ChildSpec("child", [sys.executable, "-u", "-c", code], Path.cwd(), seconds)
sys.exit(Supervisor([spec], [], Console()).run(lambda now: None))
"""


class Bench:
    """One child under a clock of the test's own."""

    def __init__(self, code: str) -> None:
        self.stream = io.StringIO()
        self.selector = DefaultSelector()
        spec = ChildSpec("child", [sys.executable, "-u", "-c", textwrap.dedent(code)], Path.cwd(), 1)
        self.child = Child(spec, self.selector, Console(self.stream))

    def run_to_its_end(self, now: float) -> None:
        self.child.tend(now)
        assert self.child.process is not None
        self.child.process.wait(20)
        self.child.tend(now)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def bench() -> Iterator[Callable[[str], Bench]]:
    made: list[Bench] = []

    def make(code: str) -> Bench:
        made.append(Bench(code))
        return made[-1]

    yield make
    for one in made:
        one.child.kill()


def supervise(code: str, seconds: float = 10) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, textwrap.dedent(code), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("said", "told"), [("", "2 131072"), ("7", "7 131072")])
def test_a_child_shares_what_it_frees_unless_the_environment_says_otherwise(
    bench: Callable[[str], Bench], monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    if said:
        monkeypatch.setenv("MALLOC_ARENA_MAX", said)
    child = bench("import os; print(*(os.environ[f'MALLOC_{name}'] for name in ('ARENA_MAX', 'TRIM_THRESHOLD_')))")
    child.run_to_its_end(0)
    assert told in child.lines[0]


def test_the_image_has_its_processes_share_as_much() -> None:
    image = (PROJECT / "Dockerfile").read_text("utf-8")
    assert dict(re.findall(r"((?:MALLOC|GLIBC)_\w+)=(\S+)", image)) == ALLOCATOR


@pytest.mark.parametrize("place", ["compose.yaml", "docs/operations.md"])
def test_workers_are_started_without_messages_to_one_another_everywhere(place: str) -> None:
    """One that said that it is there, while the broker went away, did not end on TERM."""
    worker = next(spec.command for spec in child_specs() if spec.name == "worker")
    silent = {part for part in worker if part.startswith("--without-")}
    command = re.search(r"celery\W+--app\W+config\W+worker.*", (PROJECT / place).read_text("utf-8"))
    assert len(silent) == 3
    assert command
    assert silent <= set(re.findall(r"--without-\w+", command[0]))


def test_the_image_keeps_threads_of_the_web_for_as_long() -> None:
    command, image = web_command(), (PROJECT / "Dockerfile").read_text("utf-8")
    seconds = command[command.index("--blocking-threads-idle-timeout") + 1]
    assert f"GRANIAN_BLOCKING_THREADS_IDLE_TIMEOUT={seconds} " in image


def test_each_line_carries_the_name_of_its_writer(bench: Callable[[str], Bench]) -> None:
    one = bench("import sys; print('out'); print('error', file=sys.stderr); print('no newline', end='')")
    one.run_to_its_end(now=0)

    assert one.lines[:3] == ["child     | out", "child     | error", "child     | no newline"]


def test_bytes_that_are_no_text_and_very_long_lines_pass(bench: Callable[[str], Bench]) -> None:
    one = bench("import sys; sys.stdout.buffer.write(b'\\xff' + b'x' * 50000 + b'\\n')")
    one.run_to_its_end(now=0)

    assert len(one.lines[0]) == len("child     | ") + 50001


def test_a_child_that_ended_is_started_again_after_a_pause(bench: Callable[[str], Bench]) -> None:
    one = bench("raise SystemExit(3)")
    one.run_to_its_end(now=0)
    one.child.tend(0.4)
    assert one.child.has_ended()
    one.child.tend(0.6)

    assert not one.child.has_ended()
    assert "child ended (exit code 3); starting it again in 0.5 s" in one.lines[-1]


def test_a_child_that_dies_five_times_at_once_is_given_up(bench: Callable[[str], Bench]) -> None:
    one = bench("raise SystemExit('no such thing')")
    for now in (0, 10, 20, 30):
        one.run_to_its_end(now)

    with pytest.raises(ChildKeepsDyingError, match="child ended 5 times right after its start"):
        one.run_to_its_end(40)


def test_a_child_that_lived_for_long_starts_with_a_clean_record(bench: Callable[[str], Bench]) -> None:
    one = bench("import time; time.sleep(0.1)")
    for now in (0, 100, 200, 300, 400, 500):
        one.child.tend(now)
        assert one.child.process is not None
        one.child.process.wait(20)
        one.child.tend(now + 50)

    assert "in 0.5 s" in one.lines[-1]


def start_with_grandchild(one: Bench) -> psutil.Process:
    """Start a child that starts another process and waits; gives that one."""
    one.child.tend(0)
    assert wait_until(lambda: one.child.forward_output(), seconds=10)
    return psutil.Process(int(one.lines[0].split()[-1]))


PARENT = """
import subprocess, time
print(subprocess.Popen(["sleep", "600"]).pid)
time.sleep(600)
"""


def test_killing_a_child_kills_what_it_started(bench: Callable[[str], Bench]) -> None:
    one = bench(PARENT)
    grandchild = start_with_grandchild(one)
    one.child.kill()

    assert have_ended([grandchild], seconds=5)


def test_what_ends_by_itself_while_its_parent_is_killed_is_no_obstacle(bench: Callable[[str], Bench]) -> None:
    one = bench(PARENT)
    grandchild = start_with_grandchild(one)
    with patch("psutil.Process.kill", autospec=True, side_effect=psutil.NoSuchProcess(grandchild.pid)) as kill:
        one.child.kill()
    grandchild.kill()

    assert kill.called
    assert one.child.has_ended()


def test_a_child_that_ignores_term_is_killed_when_its_time_is_over() -> None:
    process = supervise("import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(600)", 1)
    assert process.stdout is not None
    assert "up" in process.stdout.readline()
    started = time.monotonic()
    process.terminate()

    assert process.wait(10) == 0
    assert 1 <= time.monotonic() - started < 5


def test_asking_twice_stops_at_once() -> None:
    process = supervise("import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(600)", 60)
    assert process.stdout is not None
    assert "up" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert "once more stops at once" in process.stdout.readline()
    process.send_signal(signal.SIGINT)

    assert process.wait(5) == 0


def test_a_child_that_can_t_be_kept_running_ends_everything_with_a_reason() -> None:
    process = supervise("raise SystemExit('broken')")
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "Stopping everything: child ended 5 times" in output


def test_the_run_lock_is_free_again_after_a_kill_and_says_so(tmp_path: Path) -> None:
    holder = """
    import sys, time
    from pathlib import Path
    from config.supervisor.preflight import only_one
    with only_one(Path(sys.argv[1])):
        print("held", flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(holder), str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(NotReadyToRunError, match=f"process {process.pid}"), only_one(tmp_path):
        pass
    process.kill()
    process.communicate()

    with only_one(tmp_path) as was_killed:
        assert was_killed is True


def test_after_a_clean_end_nothing_is_waited_for(tmp_path: Path) -> None:
    with only_one(tmp_path):
        pass
    with only_one(tmp_path) as was_killed:
        assert was_killed is False


def test_an_address_that_is_not_this_machine_s_is_refused_with_what_to_write() -> None:
    with pytest.raises(NotReadyToRunError, match=r"HOST=no\.such\.host\.invalid is no address"):
        require_free_port("no.such.host.invalid", 8000, was_killed=False)


def test_colours_are_for_terminals_only() -> None:
    stream = io.StringIO()
    Console(stream).line("web", "text")

    assert stream.getvalue() == "web       | text\n"


@pytest.mark.parametrize(("code", "words"), [(1, "exit code 1"), (-9, "killed by SIGKILL")])
def test_an_exit_code_is_told_in_words(code: int, words: str) -> None:
    assert describe_end(code) == words


def test_a_second_signal_that_comes_before_the_children_are_asked_counts() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(600)"
    spec = ChildSpec("child", [sys.executable, "-u", "-c", code], Path.cwd(), 60)
    supervisor = Supervisor([spec], [], Console(io.StringIO()))
    supervisor.children[0].start(time.monotonic())
    assert wait_until(supervisor.children[0].forward_output, 20)
    supervisor.stops_asked = 2

    started = time.monotonic()
    # What this process has started besides are the servers of the tests.
    with patch("config.supervisor.supervisor.kill_orphans", autospec=True):
        supervisor._stop_children()

    assert time.monotonic() - started < 10
