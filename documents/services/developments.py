"""How accurate the versions of a type were on a labelled set, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from documents.models import AccuracyRun, LabelledSet

#: The newest versions of a type that are shown.
MOST_VERSIONS = 40
#: The models that are told apart, those that were measured last.
MOST_MODELS = 6


@dataclass(frozen=True, slots=True)
class Development:
    """Of a type its versions in order, and of each model its last run of each of them, by version number.

    `models` has those that were measured last first.
    """

    prompt_type: str
    versions: list[int]
    models: dict[str, dict[int, AccuracyRun]]


def developments(labelled_set: LabelledSet, prompt_type: str = "") -> list[Development]:
    """One a type that was measured on exactly this revision, or that type's alone; in two queries at most."""
    runs = AccuracyRun.objects.filter(labelled_set=labelled_set).order_by()
    if prompt_type:
        runs = runs.filter(version__prompt_type__slug=prompt_type)
    newest = runs.order_by("version_id", "model", "-created_at", "-batch_id").distinct("version_id", "model")
    found = list(newest.defer("by_field").select_related("version"))
    found.sort(key=lambda run: (run.version.prompt_type_id, run.version.version_number))
    return [_development(kind, list(of_type)) for kind, of_type in groupby(found, key=_kind)]


def last_measured_set(prompt_type: str) -> LabelledSet | None:
    """The set on which a version of the type was measured last; None where none was."""
    runs = AccuracyRun.objects.filter(version__prompt_type__slug=prompt_type).select_related("labelled_set")
    run = runs.order_by("-created_at", "-batch").first()
    return run.labelled_set if run else None


def _kind(run: AccuracyRun) -> str:
    return run.version.prompt_type_id


def _development(kind: str, runs: list[AccuracyRun]) -> Development:
    versions = sorted({run.version.version_number for run in runs})[-MOST_VERSIONS:]
    shown = [run for run in runs if run.version.version_number in versions]
    return Development(kind, versions, {model: _of_model(shown, model) for model in _last_measured(shown)})


def _last_measured(runs: Iterable[AccuracyRun]) -> list[str]:
    newest = sorted(runs, key=lambda run: run.created_at, reverse=True)
    return list(dict.fromkeys(run.model for run in newest))[:MOST_MODELS]


def _of_model(runs: Iterable[AccuracyRun], model: str) -> dict[int, AccuracyRun]:
    return {run.version.version_number: run for run in runs if run.model == model}
