"""Scans with labels, the ways to make them worse, and how much of the labels stands in a text."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

#: Where the scans lie: NNN.jpg beside NNN.json with the values to be found.
FOLDER = Path(os.environ.get("SCANS") or "scans")
WHITE = (255, 255, 255)

Spoil = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A scan and the values that stand on it, by field."""

    file: Path
    values: dict[str, str]


def labelled() -> list[Labelled]:
    """The scans of FOLDER; none where there is no such folder."""
    pairs = [(file.with_suffix(".jpg"), file) for file in sorted(FOLDER.glob("*.json"))]
    return [Labelled(scan, json.loads(labels.read_text())) for scan, labels in pairs if scan.exists()]


def turned(degrees: float) -> Spoil:
    """Counterclockwise, on white."""
    return lambda image: image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def faded(image: Image.Image) -> Image.Image:
    """A quarter of the contrast."""
    return image.point(lambda level: int(150 + level * 0.25))


def shaded(image: Image.Image) -> Image.Image:
    """In the shadow of a hand at the top, and paler."""
    light = Image.linear_gradient("L").resize(image.size).point(lambda level: 110 + level * 145 // 255)
    return ImageChops.multiply(image.point(lambda level: int(100 + level * 0.6)), light.convert("RGB"))


def halved(image: Image.Image) -> Image.Image:
    """Half the resolution."""
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)


VARIANTS: dict[str, Spoil] = {
    "as scanned": lambda image: image,
    "turned by 90°": turned(90),
    "turned by 180°": turned(180),
    "turned by 270°": turned(270),
    "skewed by 3°": turned(3),
    "skewed by -5°": turned(-5),
    "skewed by 7°": turned(7),
    "faded": faded,
    "shaded": shaded,
    "half resolution": halved,
}


def spoilt(scan: Labelled, spoil: Spoil, folder: Path) -> Path:
    """A file with the scan made worse, without loss besides."""
    path = folder / f"{scan.file.stem}.png"
    with Image.open(scan.file) as image:
        spoil(image.convert("RGB")).save(path, compress_level=1)
    return path


def is_found(field: str, value: str, text: str) -> bool:
    """Whether the value stands in the text.

    An amount must stand there as a number of its own, with point or comma, its currency aside. Of everything else
    only letters and digits count, in upper or lower case: white space, line ends and punctuation are left out of both.
    """
    if field == "total":
        return _amount(value) is not None and re.search(_amount(value) or "", text) is not None
    return _bare(value) in _bare(text)


def _amount(value: str) -> str | None:
    number = re.search(r"[\d.,]+", value)
    if number is None:
        return None
    return r"(?<![\d.,])" + r"\s?[.,]\s?".join(map(re.escape, re.split("[.,]", number.group()))) + r"(?!\d)"


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
