"""How well a version did on a labelled set."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit import log
from documents.accuracy import Share
from documents.models import AccuracyRun, Batch, LabelledSet
from documents.services.judging import Judged, content_sha256, judge, labels_of
from documents.services.keeping import kept
from documents.services.outcomes import ItemOutcome
from prompts.exceptions import Conflict
from prompts.models import PromptType, PromptVersion

MEASURED = "accuracy.measured"
COUNTS = ("fields", "exact", "normalised")


@transaction.atomic
def measure(batch: Batch) -> AccuracyRun:
    """Count what of a finished batch is right, and keep that. A batch is measured once: again gives the same run.

    Every document of the set counts, also one without an answer. Raises Conflict for a batch without a labelled set.
    """
    if batch.labelled_set is None:
        raise Conflict(_("The batch has no labelled set."))
    labels = labels_of(batch.labelled_set)
    counted = _counted(judge(batch, labels))
    # As activations take it: so what was measured last is known to whoever activates next.
    PromptType.objects.select_for_update(no_key=True).get(slug=batch.prompt_type_id)
    if measured := AccuracyRun.objects.filter(batch=batch).first():
        return measured
    run = AccuracyRun.objects.create(
        batch=batch,
        version_id=batch.version_id,
        labelled_set=batch.labelled_set,
        # Of the rows that were just compared: a set that somebody took documents out of is another one.
        content_sha256=content_sha256((label.document, label.expected) for label in labels),
        model=batch.model,
        **counted,
    )
    log.append(MEASURED, actor=None, target=batch, details=facts(run))
    run.refresh_from_db()
    return run


def last_run(version: PromptVersion, labelled_set: LabelledSet, *, model: str = "") -> AccuracyRun | None:
    """The last measurement of a version on exactly this revision of a set; with `model`, of that model only."""
    runs = AccuracyRun.objects.filter(version=version, labelled_set=labelled_set)
    return (runs.filter(model=model) if model else runs).order_by("-created_at", "-batch").first()


def share(run: AccuracyRun) -> Share:
    """How many of the labelled values were right."""
    return Share(run.normalised, run.fields)


def exact_share(run: AccuracyRun) -> Share:
    """How many of the labelled values were right to the letter."""
    return Share(run.exact, run.fields)


def field_shares(run: AccuracyRun) -> dict[str, tuple[Share, Share]]:
    """By field, in the order of the alphabet, the share that was right, and right to the letter."""
    return {
        name: (Share(counts["normalised"], counts["fields"]), Share(counts["exact"], counts["fields"]))
        for name, counts in sorted(run.by_field.items())
    }


def worst_documents(run: AccuracyRun, limit: int = 20) -> list[Judged]:
    """The documents with something wrong, first those of which the greatest part is. Kept: a run never changes."""
    return kept(f"worst:{run.pk}:{limit}", lambda: _worst(run, limit))


def _worst(run: AccuracyRun, limit: int) -> list[Judged]:
    judged = (document for document in judge(run.batch, labels_of(run.labelled_set)) if _is_bad(document))
    return heapq.nsmallest(limit, judged, key=_goodness)


def _is_bad(document: Judged) -> bool:
    """Whether something is known to be wrong."""
    return bool(document.wrong) and not document.is_erased


def _goodness(document: Judged) -> tuple[float, int, int]:
    return (1 - document.wrong / len(document.fields), -document.wrong, document.position)


def _counted(documents: Iterable[Judged]) -> dict[str, Any]:
    """The columns of a run that say how many."""
    total, unanswered = 0, 0
    by_field: dict[str, Counter[str]] = {}
    for document in documents:
        total += 1
        unanswered += document.outcome != ItemOutcome.COMPLETED
        for field in document.fields:
            counts = by_field.setdefault(field.field, Counter(dict.fromkeys(COUNTS, 0)))
            counts.update(fields=1, exact=field.is_exact, normalised=field.is_right)
    sums = {name: sum(counts[name] for counts in by_field.values()) for name in COUNTS}
    return {"documents": total, "unanswered": unanswered, "by_field": by_field, **sums}


def facts(run: AccuracyRun) -> dict[str, Any]:
    """What the audit log tells of a measurement."""
    return {
        "prompt_type": run.version.prompt_type_id,
        "version_number": run.version.version_number,
        "template_sha256": run.version.template_sha256,
        "model": run.model,
        "labelled_set": str(run.labelled_set),
        "content_sha256": run.content_sha256,
        "documents": run.documents,
        "unanswered": run.unanswered,
        **{name: getattr(run, name) for name in COUNTS},
    }
