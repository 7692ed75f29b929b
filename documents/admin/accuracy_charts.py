"""Accuracy over versions as a chart: each share with its 95 % interval, and the gate that it has to reach."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.admin import accuracy_looks, batch_looks
from documents.models import AccuracyGate, AccuracyRun, LabelledSet
from documents.services import measuring
from documents.services.developments import Development, developments
from prompts.admin.charts import Axis, Level, Point, Series, lines

MOST_TYPES = 5


def charts_of_set(labelled_set: LabelledSet) -> list[SafeString]:
    """One a type that was measured on it."""
    found = developments(labelled_set)[:MOST_TYPES]
    kinds = [each.prompt_type for each in found]
    gates = AccuracyGate.objects.filter(labelled_set=labelled_set, prompt_type__slug__in=kinds)
    thresholds = {gate.prompt_type_id: gate for gate in gates}
    return [
        _chart(_("Accuracy of %(type)s") % {"type": each.prompt_type}, each, thresholds.get(each.prompt_type))
        for each in found
    ]


def chart_of_type(slug: str, labelled_set: LabelledSet, gate: AccuracyGate | None) -> SafeString | str:
    """The versions of a type on that set; nothing where none was measured. `gate` counts if it is about the set."""
    found = developments(labelled_set, slug)
    about_it = gate if gate and gate.labelled_set_id == labelled_set.pk else None
    return _chart(_("Accuracy on %(set)s") % {"set": labelled_set}, found[0], about_it) if found else ""


def _chart(title: str, found: Development, gate: AccuracyGate | None) -> SafeString:
    series = [
        Series(model, [_point(runs.get(number)) for number in found.versions], tone=str(place))
        for place, (model, runs) in enumerate(found.models.items(), start=1)
    ]
    return lines(
        title,
        series,
        [str(number) for number in found.versions],
        heading=_("Version"),
        axis=Axis(accuracy_looks.coarse, highest=1),
        levels=[_level(gate)] if gate else [],
        note=_("The whiskers are the intervals of 95 %: with few values a difference may well be chance."),
    )


def _point(run: AccuracyRun | None) -> Point:
    if run is None:
        return Point(None)
    share = measuring.share(run)
    return Point(
        float(share.value),
        text=accuracy_looks.percent(share.value),
        href=batch_looks.address(run.batch_id, "accuracy"),
        low=float(share.low),
        high=float(share.high),
    )


def _level(gate: AccuracyGate) -> Level:
    return Level(float(gate.threshold), _("Gate: %(share)s") % {"share": accuracy_looks.percent(gate.threshold)})
