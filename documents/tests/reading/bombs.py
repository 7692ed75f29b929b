"""Files made to do harm, small themselves. Each function gives the content of one."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from documents.tests.reading import pdfs
from documents.tests.reading.picture_bombs import (
    frame_loop,
    huge_jpeg,
    huge_png,
    huge_tiff,
    many_frames,
    png_text,
)

GIBIBYTE = 1 << 30
FLATE = b"/Filter/FlateDecode"


def flate() -> bytes:
    """A page whose content is 1 GiB of zeros."""
    return pdfs.with_contents(pdfs.stream(pdfs.flate_zeros(GIBIBYTE), FLATE))


def double_flate() -> bytes:
    """The same, compressed twice: some kilobytes."""
    data = zlib.compress(pdfs.flate_zeros(GIBIBYTE), 9)
    return pdfs.with_contents(pdfs.stream(data, b"/Filter[/FlateDecode/FlateDecode]"))


def picture_in_pdf() -> bytes:
    """A page with a picture of 100,000 x 100,000 pixels."""
    picture = b"/Type/XObject/Subtype/Image/Width 100000/Height 100000/ColorSpace/DeviceRGB/BitsPerComponent 8" + FLATE
    objects = pdfs.skeleton(1, b"4 0 R") | {
        4: pdfs.PAGE % (b"<</XObject<</I 6 0 R>>>>", 5),
        5: pdfs.stream(b"q 500 0 0 500 40 40 cm /I Do Q"),
        6: pdfs.stream(pdfs.flate_zeros(GIBIBYTE), picture),
    }
    return pdfs.assembled(objects)


def object_stream() -> bytes:
    """The catalogue lies in an object stream of 1 GiB."""
    packed = pdfs.stream(pdfs.flate_zeros(GIBIBYTE), b"/Type/ObjStm/N 1000000/First 10" + FLATE)
    return pdfs.assembled({1: b"<</Type/Catalog/Pages 9 0 R>>", 2: packed})


def ten_thousand_pages() -> bytes:
    """As many pages, each real."""
    return pdfs.with_contents(*[pdfs.stream(b"")] * 10_000)


def promised_pages() -> bytes:
    """Says that it has two thousand million pages, and has one."""
    return pdfs.with_text("one").replace(b"/Count 1/", b"/Count 2000000000/")


def page_tree_loop() -> bytes:
    """A node of the page tree is its own child."""
    return pdfs.assembled(pdfs.skeleton(5, b"2 0 R 2 0 R"))


def form_recursion() -> bytes:
    """A form draws itself, twice."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<</XObject<</X 6 0 R>>>>"
    objects = pdfs.skeleton(1, b"4 0 R") | {
        4: pdfs.PAGE % (b"<</XObject<</X 6 0 R>>>>", 5),
        5: pdfs.stream(b"/X Do /X Do"),
        6: pdfs.stream(b"/X Do /X Do 0 0 9 9 re f", form),
    }
    return pdfs.assembled(objects)


def form_tree() -> bytes:
    """Thirty forms, each drawing the next twice: a thousand million pictures."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources<</XObject<</X %d 0 R>>>>"
    objects = pdfs.skeleton(1, b"4 0 R") | {
        4: pdfs.PAGE % (b"<</XObject<</X 6 0 R>>>>", 5),
        5: pdfs.stream(b"/X Do"),
    }
    for number in range(6, 36):
        objects[number] = pdfs.stream(b"/X Do /X Do 0 0 9 9 re f", form % (number + 1))
    objects[36] = pdfs.stream(b"0 0 9 9 re f", form % 36)
    return pdfs.assembled(objects)


def nested_arrays() -> bytes:
    """A million opening brackets."""
    return pdfs.assembled(pdfs.skeleton(1, b"4 0 R") | {4: b"[" * 1_000_000})


def xref_loop() -> bytes:
    """The cross-reference table is its own predecessor."""
    whole = pdfs.with_text("one")
    start = whole.rindex(b"xref\n0 1")
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % start)


def huge_media_box() -> bytes:
    """A page of a million kilometres, with a line across."""
    content = pdfs.stream(b"0 0 m 3000000000 3000000000 l S")
    return pdfs.with_contents(content).replace(b"[0 0 595 842]", b"[0 0 3000000000 3000000000]")


def encrypted() -> bytes:
    """Opens only with a password."""
    return pdfs.encrypted("secret", b"open sesame")


def truncated() -> bytes:
    """The first third of a file."""
    whole = pdfs.with_text("one", "two", "three")
    return whole[: len(whole) // 3]


def no_pages() -> bytes:
    """A PDF without pages."""
    return pdfs.assembled(pdfs.skeleton(0, b""))


def gif_and_pdf() -> bytes:
    """A picture to one reader, a PDF to another."""
    return b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + pdfs.with_text("hidden")


def program() -> bytes:
    """A Windows program, whatever its name says."""
    return b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" + bytes(200)


Bomb = Callable[[], bytes]
#: pdfium ends its process when it is refused memory; at which limit it does is its own affair.
EXHAUSTED = {"out_of_memory", "out_of_time", "crashed"}
#: What each may end as.
REASONS: dict[Bomb, set[str]] = {
    flate: EXHAUSTED,
    double_flate: EXHAUSTED,
    picture_in_pdf: {"image_too_large"},
    object_stream: EXHAUSTED,
    ten_thousand_pages: {"too_many_pages"},
    page_tree_loop: {"broken"},
    form_recursion: EXHAUSTED,
    form_tree: EXHAUSTED,
    nested_arrays: {"broken"},
    huge_media_box: {"image_too_large"},
    encrypted: {"encrypted"},
    truncated: {"broken"},
    no_pages: {"empty"},
    gif_and_pdf: {"unsupported"},
    program: {"unsupported"},
    huge_png: {"image_too_large"},
    png_text: {"broken"},
    huge_jpeg: {"image_too_large"},
    huge_tiff: {"image_too_large"},
    many_frames: {"too_many_pages"},
}
#: What lies about itself but does no harm, and the pages that it has.
HARMLESS: dict[Bomb, list[str]] = {
    promised_pages: ["one"],
    xref_loop: ["one"],
    frame_loop: ["", ""],
}
