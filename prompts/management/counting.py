"""How commands say how many there are. They speak English alone, as Django's do."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it counts: 1 request, 2,000 requests. `many` is the plural that has no "s"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
