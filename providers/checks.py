"""Checks of single values from a request; each returns what is wrong in the reader's language, or ""."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

from django.utils.translation import gettext as _

Check = Callable[[Any], str]


def number(low: float, high: float) -> Check:
    """A finite number within the bounds, which are inclusive; booleans are none."""

    def check(value: Any) -> str:
        if _is_number(value) and low <= value <= high:
            return ""
        return _("Must be a number from %(low)s to %(high)s.") % {"low": low, "high": high}

    return check


def integer(low: int, high: int) -> Check:
    """A whole number within the bounds, which are inclusive."""

    def check(value: Any) -> str:
        if _is_number(value) and isinstance(value, int) and low <= value <= high:
            return ""
        return _("Must be a whole number from %(low)s to %(high)s.") % {"low": low, "high": high}

    return check


def text(low: int, high: int) -> Check:
    """A text of so many characters."""

    def check(value: Any) -> str:
        if isinstance(value, str) and low <= len(value) <= high:
            return ""
        return _("Must be a text of %(low)s to %(high)s characters.") % {"low": low, "high": high}

    return check


def choice(values: Collection[str]) -> Check:
    """One of the values."""

    def check(value: Any) -> str:
        if isinstance(value, str) and value in values:
            return ""
        return _("Must be one of: %(values)s.") % {"values": ", ".join(values)}

    return check


def boolean(value: Any) -> str:
    """True or false."""
    return "" if isinstance(value, bool) else _("Must be true or false.")


def _is_number(value: Any) -> bool:
    # An int can be too large for isfinite.
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and math.isfinite(value)
    )
