"""`manage.py measure_version`: run a version over a labelled set, and say how much of it it gets right."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from documents.accuracy import Share
from documents.models import AccuracyRun, Batch
from documents.models.batch import BatchState
from documents.services import gate, labelling, measuring
from documents.services.gate import percent
from documents.services.progress import progress_of
from prompts.exceptions import DomainError
from prompts.management.people import REFUSED, find_manager, refuse
from prompts.management.waiting import patience

BELOW_GATE = 1
TIMED_OUT = 3
STOPPED = 130
POLL_SECONDS = 0.5
WORST = 5


class Command(BaseCommand):
    help = (
        "Ask a version about each document of a labelled set, wait, and print its accuracy by field with the 95 % "
        "interval. Exit code: 0 measured, 1 measured and below the gate of its type, 2 refused or not finished for "
        "good, 3 not finished in time (the batch goes on)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("type", help="slug of the prompt type")
        add("number", type=int, help="number of the version, active or not")
        add("set", help="name of the labelled set")
        add("--revision", type=int, help="of the set (default: the newest)")
        add("--model", default="", help="another model than the version's; a gate does not count that")
        add("--user", default="", help="who asks (default: the first superuser)")
        add("--timeout", type=patience, default=3600.0, metavar="SECONDS", help="how long to wait (default: 3600)")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = _started(options)
        try:
            with _spinner(batch) if self.stderr.isatty() else nullcontext():
                _wait(batch, options["timeout"])
        except KeyboardInterrupt:
            raise CommandError(f"Stopped waiting. The batch goes on: {batch.pk}", returncode=STOPPED) from None
        run = AccuracyRun.objects.select_related("version__prompt_type", "labelled_set").filter(batch=batch).first()
        if run is None:
            raise CommandError(_unmeasured(batch), returncode=TIMED_OUT if _is_open(batch) else REFUSED)
        for line in _told(run):
            self.stdout.write(line)
        state = gate.state_of(run.version)
        if state and not state.is_reached:
            raise CommandError(state.message, returncode=BELOW_GATE)


def _started(options: dict[str, Any]) -> Batch:
    try:
        return labelling.run_set(
            labelling.find_set(options["set"], options["revision"]),
            actor=find_manager(options["user"]),
            prompt_type=options["type"],
            version_number=options["number"],
            model=options["model"],
        )
    except DomainError as error:
        refuse(str(error.message))


def _wait(batch: Batch, seconds: float) -> None:
    """Until the batch sends nothing more, or the time is over."""
    deadline = time.monotonic() + seconds
    while batch.state == BatchState.RUNNING and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        batch.refresh_from_db()


def _spinner(batch: Batch) -> AbstractContextManager[Any]:
    return Console(stderr=True).status(f"Waiting for the batch {batch.pk} …")


def _is_open(batch: Batch) -> bool:
    return batch.state == BatchState.RUNNING


def _unmeasured(batch: Batch) -> str:
    progress = progress_of(batch)
    told = f"{progress.ended} of {progress.total} documents are done"
    if _is_open(batch):
        hint = "" if progress.ended else " Is a worker running (`make run`)?"
        return f"Not finished in time: {told}. The batch goes on: {batch.pk}.{hint}"
    why = batch.get_pause_reason_display() if batch.pause_reason else batch.get_state_display()
    return f"{why}: {told}. {batch.pause_detail} (batch {batch.pk})"


def _told(run: AccuracyRun) -> list[str]:
    shares = [("all fields", measuring.share(run), measuring.exact_share(run))]
    shares += [(name, right, exact) for name, (right, exact) in measuring.field_shares(run).items()]
    width = max(len(name) for name, _right, _exact in shares)
    worst = measuring.worst_documents(run, WORST)
    return [
        f"{run.version} with {run.model} on {run.labelled_set}: "
        f"{run.documents} documents, {run.unanswered} without an answer (batch {run.batch_id})",
        *(f"{name:{width}}  {_figures(right)}; {percent(exact.value)} % exactly" for name, right, exact in shares),
        *(f"{document.name}: {document.wrong} of {len(document.fields)} fields wrong" for document in worst),
    ]


def _figures(share: Share) -> str:
    interval = f"{percent(share.low)} to {percent(share.high)} %"
    return f"{percent(share.value)} % right ({share.correct} of {share.total}; 95 % interval: {interval})"
