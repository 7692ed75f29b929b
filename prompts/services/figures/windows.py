"""The stretches of time that figures are shown for, cut into hours or days."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

HOUR = timedelta(hours=1)
#: By name: how many buckets, and whether they are hours.
LENGTHS = {"24h": (24, True), "7d": (7, False), "30d": (30, False)}
DEFAULT = "24h"


@dataclass(frozen=True, slots=True)
class Window:
    """`starts` are the beginnings of its buckets in the current time zone; the last bucket is the one that runs."""

    name: str
    starts: tuple[datetime, ...]
    end: datetime

    @property
    def since(self) -> datetime:
        """Where it begins."""
        return self.starts[0]

    @property
    def is_hourly(self) -> bool:
        """Whether its buckets are hours, not days."""
        return LENGTHS[self.name][1]

    def position(self, moment: datetime) -> int:
        """The bucket that a moment falls into; an earlier one counts to the first, a later one to the last."""
        return max(0, bisect_right(self.starts, moment) - 1)


def window(name: str, now: datetime) -> Window:
    """The window of this name that ends with the hour or day of `now`; the default one for an unknown name.

    Hours and days are those of the installation's time zone, UTC, like the counts that they are cut out of.
    """
    known = name if name in LENGTHS else DEFAULT
    count, hourly = LENGTHS[known]
    begin = partial(_hour, timezone.localtime(now)) if hourly else partial(_day, timezone.localtime(now))
    return Window(known, tuple(begin(back) for back in reversed(range(count))), begin(-1))


def _hour(local: datetime, back: int) -> datetime:
    """Over UTC, where each hour is one: a clock that is put back has the same hour twice."""
    in_utc = local.astimezone(timezone.get_fixed_timezone(0)).replace(minute=0, second=0, microsecond=0)
    return timezone.localtime(in_utc - back * HOUR)


def _day(local: datetime, back: int) -> datetime:
    return timezone.make_aware(datetime.combine(local.date() - timedelta(days=back), datetime.min.time()))
