"""A page that is a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Scan:
    """The picture of a page in shades of grey. `number` counts from 1; `seconds` is what making it took."""

    number: int
    image: Image
    seconds: float
