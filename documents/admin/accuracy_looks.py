"""How accuracies look on the pages: always with how many, and how sure that is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.accuracy import Share
from documents.admin import batch_looks
from documents.models import AccuracyRun, LabelledSet
from documents.services import measuring
from prompts.admin import display, version_display


def set_link(labelled_set: LabelledSet) -> SafeString:
    """A link to the page of a labelled set."""
    address = reverse("admin:documents_labelledset_change", args=[labelled_set.pk])
    return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', address, labelled_set)


def percent(share: Decimal) -> str:
    """A share in percent as exactly as it is compared with a threshold: rounded down, so what looks like it has reached
    it. The second place is left out where it is nought."""
    hundredths = int(share * 10_000)
    return _in_percent(hundredths / 100, 2 if hundredths % 10 else 1)


def coarse(share: float | Decimal) -> str:
    """A share in percent to one place, where no more of it can be known."""
    return _in_percent(int(round(float(share) * 10_000, 6)) // 10 / 10, 1)


def _in_percent(number: float, places: int) -> str:
    return _("%(number)s %%") % {"number": formats.number_format(number, places)}


def shown(share: Share) -> dict[str, str]:
    """A share, its 95 % interval, and of how many it is one."""
    count = formats.number_format
    return {
        "share": percent(share.value),
        "interval": _("%(low)s to %(high)s") % {"low": coarse(share.low), "high": coarse(share.high)},
        "number": _("%(correct)s of %(total)s")
        % {"correct": count(share.correct, force_grouping=True), "total": count(share.total, force_grouping=True)},
    }


def summary(run: AccuracyRun) -> dict[str, Any]:
    """A run as a whole."""
    return {
        "run": run,
        "right": shown(measuring.share(run)),
        "exact": shown(measuring.exact_share(run)),
        "set": set_link(run.labelled_set),
    }


def line(run: AccuracyRun) -> dict[str, Any]:
    """A run as a row of a table; its version with the type it belongs to."""
    return summary(run) | {
        "batch": batch_looks.link(run.batch_id),
        "kind": run.version.prompt_type_id,
        "version": version_display.number(run.version),
        "when": display.moment(run.created_at),
    }
