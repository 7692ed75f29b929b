"""What is done to the picture of a page before it is recognised. Each step is here because it measurably helps.

See docs/decisions/0013-reading-documents.md for the figures, and `make bench ONLY=ocr` to take them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import cast

from PIL import Image, ImageChops, ImageFilter, ImageOps

#: A page of A4 at 300 dots per inch has 8.7 million; finer scans cost time and memory and give no more text.
MAX_PIXELS = 12_000_000
WHITE = 255

#: The light is measured on a picture so much smaller, over patches of this many of its pixels.
LIGHT_REDUCTION = 8
LIGHT_PATCH = 5
#: The percentage of the darkest pixels that become plain black.
DARKEST_PERCENT = 0.5

#: Degrees. Beyond it is no slip of the paper.
MAX_SKEW = 10
MIN_SKEW = 0.3
COARSE_WIDTH = 300
FINE_WIDTH = 600
FINE_STEPS = [step / 8 for step in range(-6, 7)]

#: The height of a line of text, ascenders and descenders included, at which Tesseract reads best, in pixels.
LINE_HEIGHT = 34
MIN_SCALE, MAX_SCALE = 0.4, 3.0
#: A factor this near to 1 is not worth the blur.
NEAR_ENOUGH = (0.85, 1.2)


def bounded(image: Image.Image) -> Image.Image:
    """The picture with at most MAX_PIXELS."""
    pixels = image.width * image.height
    return image if pixels <= MAX_PIXELS else scaled(image, (MAX_PIXELS / pixels) ** 0.5)


def levelled(image: Image.Image) -> Image.Image:
    """Dark on an even white: shadows, grey paper and faded ink taken out."""
    small = image.reduce(LIGHT_REDUCTION) if min(image.size) >= 2 * LIGHT_REDUCTION else image
    light = small.filter(ImageFilter.MaxFilter(LIGHT_PATCH)).filter(ImageFilter.GaussianBlur(LIGHT_PATCH - 1))
    ink = ImageChops.subtract(light.resize(image.size, Image.Resampling.BILINEAR), image)
    return ImageOps.autocontrast(ImageOps.invert(ink), cutoff=(DARKEST_PERCENT, 0))


def straightened(image: Image.Image) -> Image.Image:
    """The picture with its lines level; as it is where they are."""
    angle = skew(image)
    if abs(angle) < MIN_SKEW:
        return image
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def skew(image: Image.Image) -> float:
    """By how many degrees to turn the picture counterclockwise so that its lines are level; MAX_SKEW at most."""
    coarse, fine = _ink(image, COARSE_WIDTH), _ink(image, FINE_WIDTH)
    best = max(range(-MAX_SKEW, MAX_SKEW + 1), key=lambda angle: _levelness(coarse, angle))
    return max((best + step for step in FINE_STEPS), key=lambda angle: _levelness(fine, angle))


def is_sideways(image: Image.Image) -> bool:
    """Whether its lines seem to run from top to bottom."""
    ink = _ink(image, COARSE_WIDTH)
    return _most_level(ink.transpose(Image.Transpose.ROTATE_90)) > _most_level(ink)


def _most_level(ink: Image.Image) -> float:
    return max(_levelness(ink, angle) for angle in range(-MAX_SKEW, MAX_SKEW + 1, 2))


def _ink(image: Image.Image, width: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((width, 2 * width), Image.Resampling.BOX)
    return ImageOps.invert(small).convert("F")


def _levelness(ink: Image.Image, angle: float) -> float:
    """High where rows are either full or empty: at the angle at which lines of text are level."""
    turned = ink.rotate(angle, Image.Resampling.BILINEAR)
    rows = cast(Iterable[float], turned.resize((1, turned.height), Image.Resampling.BOX).get_flattened_data())
    return sum((upper - lower) ** 2 for upper, lower in pairwise(rows))


def sized(image: Image.Image, line_height: float) -> Image.Image:
    """The picture enlarged or reduced so that lines that are `line_height` pixels high become LINE_HEIGHT."""
    most = (MAX_PIXELS / (image.width * image.height)) ** 0.5
    factor = min(max(LINE_HEIGHT / line_height, MIN_SCALE), MAX_SCALE, most)
    lowest, highest = NEAR_ENOUGH
    return image if lowest < factor < highest else scaled(image, factor)


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """The picture with its sides multiplied by `factor`."""
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC)
