"""Pictures: PNG, JPEG, and TIFF of several pages."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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
#: Without shades that a smaller picture could be mixed of.
HARD_MODES = ("1", "P", "PA", *DEEP_MODES)

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

SIDEWAYS = frozenset(TURNS[value] for value in (5, 6, 7, 8))
#: A picture is shown at most so many times as high as wide: the receipts of long shopping trips.
MOST_STRETCH = 5

warnings.simplefilter("error", Image.DecompressionBombWarning)


def pages(file: Path, limits: Limits) -> tuple[int, Iterator[Scan]]:
    """How many pictures there are, and each in shades of grey, as its file says it is to be held.

    Raises Unreadable, without decoding a picture of more than `limits.max_pixels`.
    """
    with _faults_told("opened"):
        image = _opened(file, limits)
        count = _count(image, limits)
    return count, (_scan(image, index) for index in range(count))


def picture(file: Path, number: int, width: int, limits: Limits) -> Image.Image | None:
    """How a page looks, upright, in colour on white, no larger than it is. Raises Unreadable."""
    with _faults_told(f"picture {number}"):
        image = _opened(file, limits)
        if number < 1 or (number > 1 and not _has(image, number - 1)):
            return None
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
        box = (width, MOST_STRETCH * width)
        shown = _reduced(image, box[::-1] if turn in SIDEWAYS else box)
        return shown if turn is None else shown.transpose(turn)


def _opened(file: Path, limits: Limits) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    return Image.open(file, formats=FORMATS)


@contextmanager
def _faults_told(what: str) -> Iterator[None]:
    """Raises Unreadable for whatever Pillow raises meanwhile."""
    try:
        yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unreadable(IMAGE_TOO_LARGE, f"{what}: {error}") from error
    except FAULTS as error:
        raise Unreadable(BROKEN, f"{what}: {error!r}") from error


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
    with _faults_told(f"picture {index + 1}"):
        if image.format == "TIFF":
            image.seek(index)
        grey = _grey(image)
    return Scan(index + 1, grey, time.monotonic() - started)


def _grey(image: Image.Image) -> Image.Image:
    # A JPEG is decoded into grey at once, where it can be.
    image.draft("L", None)
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    grey = bounded(_levels(image))
    return grey if turn is None else grey.transpose(turn)


def _levels(image: Image.Image) -> Image.Image:
    if image.mode in DEEP_MODES:
        return _shallow(image)
    if _is_transparent(image):
        image = _on_white(image)
    return image.convert("L") if image.mode != "L" else image.copy()


def _colours(image: Image.Image) -> Image.Image:
    if image.mode in DEEP_MODES:
        image = _shallow(image)
    return (_on_white(image) if _is_transparent(image) else image).convert("RGB")


def _reduced(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """In colour, within the box. What has shades is made smaller first, as that takes the least memory."""
    if image.mode in HARD_MODES:
        image = _colours(image)
    image.thumbnail(box)
    return _colours(image)


def _shallow(image: Image.Image) -> Image.Image:
    return image.convert("I").point(lambda level: level / 256).convert("L")


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", image.size, WHITE)
    return Image.alpha_composite(paper, image.convert("RGBA"))
