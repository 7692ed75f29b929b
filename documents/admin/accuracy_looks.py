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
    """A share in percent, rounded down: what looks like a threshold has reached it."""
    tenths = (share * 1000) // 1
    return _("%(number)s %%") % {"number": formats.number_format(tenths / 10, 1)}


def shown(share: Share) -> dict[str, str]:
    """A share, its 95 % interval, and of how many it is one."""
    count = formats.number_format
    return {
        "share": percent(share.value),
        "interval": _("%(low)s to %(high)s") % {"low": percent(share.low), "high": percent(share.high)},
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
