"""Numbers and moments of the home page in words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.services.figures.windows import Window

CENT = Decimal("0.01")


def count(number: int, *, capped: bool = False) -> str:
    """A number of things; `capped` where there are at least so many."""
    text = formats.number_format(number, force_grouping=True)
    return _("%(number)s or more") % {"number": text} if capped else text


def share(part: float | None) -> str:
    """A share as percentage with one digit; a dash where there is nothing to have a share of."""
    if part is None:
        return "-"
    return _("%(number)s %%") % {"number": formats.number_format(round(part * 100, 1), 1)}


def dollars(amount: Decimal | float) -> str:
    """US dollars: to the cent, and smaller amounts to the digits that they have, six at most."""
    exact = Decimal(str(amount))
    if exact >= CENT or not exact:
        return formats.number_format(round(exact, 2), 2, force_grouping=True)
    return formats.number_format(round(exact, 6).normalize())


def milliseconds(duration: float | None) -> str:
    """A duration in words, a dash for none."""
    return "-" if duration is None else str(display.duration(round(duration)))


def seconds(duration: float) -> str:
    """How long something has been waiting: days and hours, hours and minutes, or less."""
    if duration < 3600:
        return milliseconds(duration * 1000 if duration < 60 else int(duration) * 1000)
    hours, minutes = divmod(int(duration) // 60, 60)
    if hours < 24:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}


def moment(time: datetime) -> str:
    """Day and minute, in the current time zone; the year is this one or the last."""
    return formats.date_format(timezone.localtime(time), "j M, H:i", use_l10n=False)


def labels(window: Window) -> list[str]:
    """What stands below the buckets: hours, or days with their month."""
    return [bucket(window, start) for start in window.starts]


def bucket(window: Window, start: datetime) -> str:
    """The name of one bucket."""
    return formats.date_format(start, "H:i" if window.is_hourly else "j M", use_l10n=False)
