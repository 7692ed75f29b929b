"""What the page is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not well, and what to do about it. `href` leads to where it can be seen."""

    text: str
    advice: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation: how it is now in `note`, and in `finding` what is wrong with it, if anything."""

    name: str
    note: str
    finding: Finding | None = None


#: Looks at the parts that this app knows nothing of.
Inspect = Callable[[], Sequence[Part]]
