"""Pictures: PNG, JPEG, and TIFF of several pages."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from PIL.ExifTags import Base

from documents.reading.limits import Limits
from documents.reading.preparation import bounded
from documents.reading.reasons import BROKEN, IMAGE_TOO_LARGE, TOO_MANY_PAGES, Unreadable
from documents.reading.scan import Scan

FORMATS = ("PNG", "JPEG", "TIFF")
#: What Pillow raises for files that are no good depends on where in which format they are so.
FAULTS = (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, OverflowError, ArithmeticError)
WHITE = "white"
#: 16 bits a pixel, in the orders of bytes that Pillow has names for.
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I")

ORIENTATION = Base.Orientation
#: How a camera held a picture, and what makes it upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

warnings.simplefilter("error", Image.DecompressionBombWarning)


def pages(file: Path, limits: Limits) -> tuple[int, Iterator[Scan]]:
    """How many pictures there are, and each in shades of grey, as its file says it is to be held.

    Raises Unreadable, without decoding a picture of more than `limits.max_pixels`.
    """
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    try:
        image = Image.open(file, formats=FORMATS)
        count = _count(image, limits)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unreadable(IMAGE_TOO_LARGE, str(error)) from error
    except FAULTS as error:
        raise Unreadable(BROKEN, repr(error)) from error
    return count, (_scan(image, index) for index in range(count))


def _count(image: Image.Image, limits: Limits) -> int:
    """The number of pictures in the file; Pillow's own count would follow a chain of any length."""
    count = 1
    while _has(image, count):
        count += 1
        if count > limits.max_pages:
            raise Unreadable(TOO_MANY_PAGES, f"more than {limits.max_pages} pictures")
    return count


def _has(image: Image.Image, index: int) -> bool:
    if image.format != "TIFF":
        return False
    try:
        image.seek(index)
    except EOFError:
        return False
    return True


def _scan(image: Image.Image, index: int) -> Scan:
    started = time.monotonic()
    try:
        if image.format == "TIFF":
            image.seek(index)
        grey = _grey(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unreadable(IMAGE_TOO_LARGE, f"picture {index + 1}: {error}") from error
    except FAULTS as error:
        raise Unreadable(BROKEN, f"picture {index + 1}: {error!r}") from error
    return Scan(index + 1, grey, time.monotonic() - started)


def _grey(image: Image.Image) -> Image.Image:
    # A JPEG is decoded into grey at once, where it can be.
    image.draft("L", None)
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    grey = bounded(_levels(image))
    return grey if turn is None else grey.transpose(turn)


def _levels(image: Image.Image) -> Image.Image:
    if image.mode in DEEP_MODES:
        return image.convert("I").point(lambda level: level / 256).convert("L")
    if image.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info:
        image = _on_white(image)
    return image.convert("L") if image.mode != "L" else image.copy()


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", image.size, WHITE)
    return Image.alpha_composite(paper, image.convert("RGBA"))
