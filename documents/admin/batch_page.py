"""What the page of one batch shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.admin import accuracy_looks, batch_looks
from documents.admin.batch_rows import Table, table
from documents.models import AccuracyRun, Batch
from documents.models.batch import BatchState
from documents.services import batches
from documents.services.outcomes import ItemOutcome
from documents.services.progress import Progress, progress_of
from prompts.admin import display, version_display

MOST_RERUNS = 20


def page_context(batch: Batch, request: HttpRequest, *, with_versions: bool) -> dict[str, Any]:
    """Everything that the template needs beside the batch."""
    progress = progress_of(batch)
    chosen = request.GET.get("outcome", "")
    return {
        "title": _("Batch %(id)s") % {"id": display.short_id(batch.pk)},
        "subtitle": None,
        "batch": batch,
        "state": batch_looks.state(batch),
        "pause": batch_looks.pause(batch),
        "progress": progress,
        "done": batch_looks.done_of_all(progress),
        "percent": batch_looks.percent_done(progress),
        "spoken": batch_looks.spoken(batch, progress),
        "throughput": batch_looks.throughput(progress.per_minute),
        "left": batch_looks.seconds_left(progress.seconds_left) if batch.state == BatchState.RUNNING else None,
        "cost": display.money(progress.cost),
        "outcomes": _outcomes(batch, progress, chosen),
        "is_live": batch.state == BatchState.RUNNING or progress.asking > 0,
        "facts": _facts(batch, with_versions=with_versions),
        "accuracy": _accuracy(batch),
        "table": _table(batch, request, chosen),
        "can": _possible(batch, progress),
    }


def _outcomes(batch: Batch, progress: Progress, chosen: str) -> list[dict[str, Any]]:
    """How many documents are where, each with the address of the list of those alone."""
    counted = [(name.value, name.label, getattr(progress, name)) for name in ItemOutcome]
    everything = [("", _("All"), progress.total)]
    return [
        {
            "label": label,
            "number": number,
            "address": batch_looks.address(batch.pk, outcome=name),
            "is_chosen": name == chosen,
        }
        for name, label, number in everything + counted
        if number or name in ("", chosen)
    ]


def _table(batch: Batch, request: HttpRequest, chosen: str) -> Table:
    after = request.GET.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 9 else 0
    return table(batch, after=start, outcome=chosen if chosen in ItemOutcome.values else "")


def _possible(batch: Batch, progress: Progress) -> dict[str, bool]:
    """What can be done with the batch now."""
    is_open = batch.state in (BatchState.RUNNING, BatchState.PAUSED)
    return {
        "pause": batch.state == BatchState.RUNNING,
        "resume": batch.state == BatchState.PAUSED,
        "cancel": is_open,
        # What was measured stays as it was measured.
        "retry": progress.failed > 0 and batches.may_be_retried(batch),
    }


def _facts(batch: Batch, *, with_versions: bool) -> list[tuple[str, object]]:
    """Label and value of each; what does not apply is left out."""
    name = version_display.link(batch.version) if with_versions else version_display.number(batch.version)
    everything: list[tuple[str, object]] = [
        (_("User"), batch.user),
        (_("Type"), batch.prompt_type),
        (_("Version"), name),
        (_("Model"), format_html('<bdi dir="ltr">{}</bdi>', batch.model)),
        (_("Purpose"), batch.purpose),
        (_("Source"), display.code(batch.source) if batch.source else None),
        (_("Re-run of"), batch_looks.link(batch.rerun_of_id) if batch.rerun_of_id else None),
        (_("Re-runs"), _links(batch)),
        (_("Labelled set"), accuracy_looks.set_link(batch.labelled_set) if batch.labelled_set else None),
        (_("Created"), display.moment(batch.created_at)),
        (_("Finished"), display.moment(batch.finished_at)),
    ]
    return [(label, value) for label, value in everything if value]


def _links(batch: Batch) -> SafeString | str:
    """To those that were made from it."""
    ids = batch.reruns.order_by("-created_at").values_list("pk", flat=True)[:MOST_RERUNS]
    links = [batch_looks.link(pk) for pk in ids]
    return format_html(" ".join(["{}"] * len(links)), *links) if links else ""


def _accuracy(batch: Batch) -> dict[str, Any] | None:
    """How well it did on its labelled set, once that was counted."""
    run: AccuracyRun | None = getattr(batch, "accuracy", None)
    return accuracy_looks.summary(run) if run else None
