"""Watching a batch from the shell until it ends or pauses."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from documents.models import Batch
from documents.models.batch import BatchState
from documents.services.progress import Progress as BatchProgress
from documents.services.progress import progress_of

POLL_SECONDS = 0.5
#: Between two lines where no terminal shows a bar.
SECONDS_A_LINE = 10.0
#: After so long without any change a worker that runs would have shown itself.
PATIENCE_SECONDS = 15.0
NO_WORKER = "Nothing has happened for a while: is a worker running (`make run`)?"

Write = Callable[[str], Any]


class Follower:
    """Shows progress as a bar on a terminal and as a line now and then elsewhere."""

    def __init__(self, write: Write, *, on_terminal: bool) -> None:
        self._write = write
        self._bar = _bar() if on_terminal else None
        self._task: TaskID | None = None
        self._told = self._moved = time.monotonic()
        self._last: tuple[int, ...] = ()
        self._warned = False

    def follow(self, batch: Batch) -> BatchProgress:
        """Return the last progress, once the batch has ended or paused; `batch` is then as it is."""
        with self._shown():
            while True:
                progress = _now(batch)
                if progress is not None:
                    self._show(progress)
                    if batch.state != BatchState.RUNNING:
                        return progress
                time.sleep(POLL_SECONDS)

    def _shown(self) -> AbstractContextManager[Any]:
        return self._bar or nullcontext()

    def _show(self, progress: BatchProgress) -> None:
        self._warn_if_nothing_moves(progress)
        if self._bar is not None:
            self._move_bar(self._bar, progress)
        elif time.monotonic() - self._told >= SECONDS_A_LINE:
            self._told = time.monotonic()
            self._write(line(progress))

    def _move_bar(self, bar: Progress, progress: BatchProgress) -> None:
        if self._task is None:
            self._task = bar.add_task("", total=progress.total, detail="")
        bar.update(self._task, total=progress.total, completed=progress.ended, detail=brief(progress))

    def _warn_if_nothing_moves(self, progress: BatchProgress) -> None:
        counts = (progress.reading, progress.waiting, progress.asking, progress.ended)
        if counts != self._last:
            self._last, self._moved = counts, time.monotonic()
        if not self._warned and not progress.ended and time.monotonic() - self._moved >= PATIENCE_SECONDS:
            self._warned = True
            self._write(NO_WORKER)


def line(progress: BatchProgress) -> str:
    """How far it is, in one line."""
    return f"{progress.ended} of {progress.total} documents; {details(progress)}"


def details(progress: BatchProgress) -> str:
    """What the documents are at, what it has cost, and how long the rest may take."""
    parts = [
        f"{number} {name}"
        for name in ("completed", "failed", "cancelled", "asking", "waiting", "reading")
        if (number := getattr(progress, name)) or name in {"completed", "failed"}
    ]
    return ", ".join(parts + _spent(progress))


def brief(progress: BatchProgress) -> str:
    """What there is room for beside the bar on 80 columns."""
    return ", ".join([f"{progress.failed} failed", *_spent(progress)])


def _spent(progress: BatchProgress) -> list[str]:
    parts = []
    if progress.cost is not None:
        parts.append(f"{progress.cost.normalize():f} USD")
    if progress.seconds_left:
        parts.append(f"about {timedelta(seconds=round(progress.seconds_left))} left")
    return parts


def _now(batch: Batch) -> BatchProgress | None:
    """The present progress. A database that is away for a moment is no reason to stop watching."""
    try:
        batch.refresh_from_db(fields=["state", "pause_reason", "pause_detail", "resumed_at", "finished_at"])
        return progress_of(batch)
    except (OperationalError, InterfaceError):
        connection.close()
        return None


def _bar() -> Progress:
    columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.fields[detail]}"))
    return Progress(*columns, console=Console(stderr=True))
