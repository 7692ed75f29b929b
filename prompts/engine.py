"""The execution engine: hundreds of vendor calls at once in one thread of a worker process.

An asyncio loop waits for vendors. Everything that touches PostgreSQL happens in batches on one further thread
with one connection, which holds no transaction while a vendor thinks. The engine is woken by Celery's
messages and looks for due requests by itself every second, so it goes on without a broker
(docs/decisions/0003-execution-engine.md).
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, connection

from prompts import calling, partials
from prompts.daemon_thread import DaemonThread
from prompts.services import execution, presence, recording, recovery
from prompts.services.execution import Claim, Failure, Result
from providers import registry

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

#: Rows a statement: large enough to be cheap, small enough to answer soon.
CLAIM_BATCH = 100
RECORD_BATCH = 200
SECONDS_AFTER_ERROR = 1.0
#: A shutdown takes so long at most, beside the time that calls get to end, however silent PostgreSQL is: it is the
#: sum of what follows.
CLEANUP_SECONDS = 7.0
#: For the claim that is under way. One that is cut short holds its requests until their leases run out.
LAST_CLAIM_SECONDS = 2.0
#: For giving back the calls that were broken off.
GIVE_BACK_SECONDS = 2.0
#: For writing down the calls that had ended when the others were broken off.
LAST_WRITES_SECONDS = 2.0
#: For closing connections to vendors.
CLOSE_SECONDS = 0.5
#: For the last sign of life, which nothing rests on.
GOODBYE_SECONDS = 0.5
UNSTORABLE = Failure("bad_response", "The answer can't be stored: it holds values that are out of range.")


class DatabaseAway(Exception):
    """PostgreSQL can't be reached right now; what was to be done can be done again."""


class Engine:
    """Claims due requests, calls vendors, records the results, and looks after leases. One a process.

    `once_loaded` is called, on a thread of its own, when the vendors' SDKs are there and before anything is claimed.
    """

    def __init__(self, *, worker_name: str, slots: int, once_loaded: Callable[[], None] | None = None) -> None:
        self._worker_name = worker_name
        self._slots = slots
        self._once_loaded = once_loaded
        self._running: dict[tuple[UUID, int], tuple[Claim, asyncio.Task[None]]] = {}
        self._saturated = False
        self._loop = asyncio.new_event_loop()
        self._wake = asyncio.Event()
        self._recorded = asyncio.Event()
        self._stopping = asyncio.Event()
        self._results: asyncio.Queue[Result] = asyncio.Queue()
        self._grace = 0.0
        self._thread = threading.Thread(target=self._run_loop, name="engine", daemon=True)
        self._database = DaemonThread("engine-database")

    # --- From other threads -------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to claim and run."""
        self._thread.start()

    def wake(self) -> None:
        """Look for due requests now. Does nothing once the engine has ended."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._wake.set)

    def stop(self, grace: float) -> None:
        """Claim no more, let running calls end for `grace` seconds, give the others back. Returns when done."""
        self._grace = grace
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self.wake()
            self._thread.join(grace + CLEANUP_SECONDS)

    # --- The loop -----------------------------------------------------------------------------------

    def _run_loop(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main())
        except Exception:
            # A worker without its engine would answer pings and run nothing: whoever supervises it starts it again.
            logger.critical("The engine has ended, and so does its worker.", exc_info=True)
            os.kill(os.getpid(), signal.SIGTERM)

    async def _main(self) -> None:
        logger.info("Engine %s: up to %d calls at once.", self._worker_name, self._slots)
        steps = (self._record_next, self._renew_leases, self._sweep, self._show_life)
        background = [asyncio.create_task(self._repeat(step)) for step in steps]
        await self._warm_up()
        claiming = asyncio.create_task(self._repeat(self._claim_next, until=self._stopping))
        await self._stopping.wait()
        await _at_most(LAST_CLAIM_SECONDS, claiming)
        await self._finish_running(self._grace)
        await _at_most(GIVE_BACK_SECONDS, self._give_back_rest())
        await self._finish_running(LAST_WRITES_SECONDS)
        for task in background:
            task.cancel()
        await _at_most(CLOSE_SECONDS, registry.close_all())
        await _at_most(GOODBYE_SECONDS, self._say_goodbye())
        self._database.close()

    async def _warm_up(self) -> None:
        """Import the vendors' SDKs, which takes seconds. Nobody who stops the worker meanwhile waits for that."""
        thread = DaemonThread("warm-up")
        warm = asyncio.wrap_future(thread.submit(self._load))
        thread.close()
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((warm, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if warm.done():
            warm.result()
        warm.cancel()

    def _load(self) -> None:
        registry.warm_up()
        if self._once_loaded is not None:
            self._once_loaded()

    async def _repeat(self, step: Callable[[], Awaitable[None]], *, until: asyncio.Event | None = None) -> None:
        """Repeat `step`; an error in it is logged and must not end the engine."""
        while until is None or not until.is_set():
            try:
                await step()
            except DatabaseAway as error:
                logger.warning("PostgreSQL is away (%s); trying again.", error)
                await asyncio.sleep(SECONDS_AFTER_ERROR)
            except Exception:
                logger.exception("The engine's step %s failed; trying again.", getattr(step, "__name__", step))
                await asyncio.sleep(SECONDS_AFTER_ERROR)

    async def _in_database(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service on the database thread. Raises DatabaseAway when the connection is lost."""
        return await asyncio.wrap_future(self._database.submit(partial(_reconnecting, function, *args, **kwargs)))

    # --- Claiming -----------------------------------------------------------------------------------

    async def _claim_next(self) -> None:
        limit = min(self._slots - len(self._running), CLAIM_BATCH)
        self._wake.clear()
        claims = await self._in_database(execution.claim, limit, worker=self._worker_name) if limit else []
        for claim in claims:
            self._running[claim.lease] = (claim, asyncio.create_task(self._run(claim)))
        self._saturated = len(claims) == limit
        if self._saturated and len(self._running) < self._slots:
            return
        await self._wait_for_wake()

    async def _wait_for_wake(self) -> None:
        try:
            async with asyncio.timeout(settings.POLL_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    # --- Running and recording ----------------------------------------------------------------------

    async def _run(self, claim: Claim) -> None:
        """One attempt. Cancelled when the lease is lost or the worker stops; then it has no result."""
        self._results.put_nowait(await calling.attempt(claim))

    async def _record_next(self) -> None:
        """Write the results that have gathered. They are kept until written; a freed slot is used at once."""
        results = [await self._results.get()]
        while len(results) < RECORD_BATCH and not self._results.empty():
            results.append(self._results.get_nowait())
        await self._record(results)
        for result in results:
            self._running.pop(result.claim.lease, None)
            _forget_partial(result.claim)
        self._recorded.set()
        if self._saturated:
            self._wake.set()

    async def _record(self, results: list[Result]) -> None:
        while True:
            try:
                await self._in_database(recording.record, results)
            except DatabaseAway:
                await asyncio.sleep(SECONDS_AFTER_ERROR)
            except Exception as error:  # noqa: BLE001 (what has been paid for is never dropped with others)
                await self._record_one_by_one(results, error)
                return
            else:
                return

    async def _record_one_by_one(self, results: list[Result], error: Exception) -> None:
        """One result that PostgreSQL refuses must not keep the others of its batch from being written."""
        if len(results) > 1:
            for result in results:
                await self._record([result])
            return
        (result,) = results
        logger.error("Request %s: its result can't be stored: %s", result.claim.request_id, error)
        # Where not even that can be written, the lease runs out and the request is taken back.
        if result.failure is not UNSTORABLE:
            await self._record([Result(result.claim, result.duration_ms, failure=UNSTORABLE)])

    # --- Leases -------------------------------------------------------------------------------------

    async def _renew_leases(self) -> None:
        claims = [claim for claim, _ in self._running.values()]
        lost = await self._in_database(execution.heartbeat, claims) if claims else set()
        for claim in claims:
            if claim.lease in lost and claim.lease in self._running:
                self._break_off(claim)
        # At the end, so that one that failed is soon tried again.
        await asyncio.sleep(settings.HEARTBEAT_SECONDS)

    def _break_off(self, claim: Claim) -> None:
        """Close the call of a request that is no longer ours; nothing of it is written."""
        logger.warning("Request %s: lease of attempt %d lost, call broken off.", claim.request_id, claim.attempt)
        _, task = self._running.pop(claim.lease)
        task.cancel()
        _forget_partial(claim)
        self._recorded.set()

    async def _sweep(self) -> None:
        await asyncio.sleep(settings.SWEEP_SECONDS)
        if await self._in_database(recovery.sweep):
            self._wake.set()

    # --- Signs of life ------------------------------------------------------------------------------

    async def _show_life(self) -> None:
        """Nothing rests on it, so that one that could not be written is not made up for."""
        await self._in_database(presence.sign, self._worker_name, slots=self._slots, running=len(self._running))
        await asyncio.sleep(settings.HEARTBEAT_SECONDS)

    async def _say_goodbye(self) -> None:
        try:
            await self._in_database(presence.sign_off, self._worker_name)
        except DatabaseAway:
            logger.info("PostgreSQL is away: this worker will be missed for a while.")
        await self._in_database(lambda: connection.close())

    # --- Stopping -----------------------------------------------------------------------------------

    async def _finish_running(self, seconds: float) -> None:
        """Let calls end and be recorded, for so long at most."""
        try:
            async with asyncio.timeout(seconds):
                while self._running:
                    self._recorded.clear()
                    await self._recorded.wait()
        except TimeoutError:
            return

    async def _give_back_rest(self) -> None:
        """Break off the calls that still run; those that have ended are being recorded."""
        claims = [claim for claim, task in self._running.values() if not task.done()]
        for claim in claims:
            _, task = self._running.pop(claim.lease)
            task.cancel()
        if not claims:
            return
        try:
            await self._in_database(recovery.release, claims)
            logger.warning("%d calls were broken off and their requests given back.", len(claims))
        except DatabaseAway:
            logger.warning("PostgreSQL is away: the leases of %d requests will run out.", len(claims))


async def _at_most(seconds: float, step: Awaitable[object]) -> None:
    """Wait for a step of the shutdown, but not for ever: nothing is lost that leases don't bring back."""
    try:
        async with asyncio.timeout(seconds):
            await step
    except TimeoutError:
        logger.warning("A step of the shutdown took more than %g seconds; going on without it.", seconds)


def _forget_partial(claim: Claim) -> None:
    """Its end is known now; nobody shall take what it had so far for an answer."""
    if claim.is_sandbox:
        partials.forget(claim.request_id)


def _reconnecting(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function`; a lost connection is closed, so that the next call opens a new one.

    InternalError is what a standby says that was the primary before.
    """
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError, InternalError) as error:
        connection.close()
        raise DatabaseAway(str(error).strip()) from error


_engine: Engine | None = None


def start(*, worker_name: str, once_loaded: Callable[[], None] | None = None) -> None:
    """Start this process's engine; `once_loaded` as it takes it."""
    global _engine
    _engine = Engine(worker_name=worker_name, slots=settings.WORKER_SLOTS, once_loaded=once_loaded)
    _engine.start()


def wake() -> None:
    """Have this process's engine look for due requests. Does nothing where none runs."""
    if _engine is not None:
        _engine.wake()


def stop(grace: float | None = None) -> None:
    """Stop this process's engine; `grace` in seconds, the setting's by default."""
    global _engine
    if _engine is not None:
        _engine.stop(settings.WORKER_SHUTDOWN_GRACE_SECONDS if grace is None else grace)
    _engine = None
