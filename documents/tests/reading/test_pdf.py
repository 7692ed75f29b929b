"""PDF files, read by the real child."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from documents.reading import Limits, Unreadable, read
from documents.tests.reading import drawings, pdfs
from documents.tests.reading.pdfs import write

LONG = "\n".join(drawings.LINES)


def _read(tmp_path, content, **limits):
    return read(write(tmp_path, "file", content), limits=Limits(**limits))


def test_pages_with_a_text_layer_come_in_order_and_unrecognised(tmp_path):
    pages = _read(tmp_path, pdfs.with_text(f"{LONG}\nfirst", f"{LONG}\nsecond"))
    assert [(page.number, page.text.splitlines()[-1]) for page in pages] == [(1, "first"), (2, "second")]
    assert {(page.source, page.confidence) for page in pages} == {("layer", None)}


def test_a_short_text_alone_on_a_page_is_its_text(tmp_path):
    (page,) = _read(tmp_path, pdfs.with_text("Yes."))
    assert (page.text, page.source) == ("Yes.", "layer")


def test_an_empty_page_is_an_empty_text(tmp_path):
    (page,) = _read(tmp_path, pdfs.with_contents(pdfs.stream(b"")))
    assert (page.text, page.source) == ("", "layer")


def test_a_scanned_page_is_recognised(tmp_path):
    (page,) = _read(tmp_path, pdfs.of_scans(drawings.page()))
    assert page.source == "ocr"
    assert drawings.share_found(page.text) > 0.8
    assert page.confidence is not None
    assert page.confidence > 70


def test_many_scanned_pages_come_back_in_order(tmp_path):
    scans = [drawings.page([*drawings.LINES, f"Page {number}"]) for number in range(1, 6)]
    pages = _read(tmp_path, pdfs.of_scans(*scans))
    assert [page.text.splitlines()[-1] for page in pages] == [f"Page {number}" for number in range(1, 6)]


def test_a_scanners_stamp_over_a_picture_is_not_taken_for_the_text(tmp_path):
    scan = drawings.page()
    packed = pdfs.stream(
        scan.tobytes(),
        b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8/Width %d/Height %d" % scan.size,
    )
    objects = pdfs.skeleton(1, b"4 0 R") | {
        4: pdfs.PAGE % (b"<</Font<</F 3 0 R>>/XObject<</I 6 0 R>>>>", 5),
        5: pdfs.stream(b"q 595 0 0 500 0 200 cm /I Do Q BT /F 9 Tf 20 20 Td (Scanned by a camera) Tj ET"),
        6: packed,
    }
    (page,) = _read(tmp_path, pdfs.assembled(objects))
    assert page.source == "ocr"
    assert drawings.share_found(page.text) > 0.8


def test_a_file_that_opens_without_a_password_is_read_though_encrypted(tmp_path):
    (page,) = _read(tmp_path, pdfs.encrypted("For all to see.", b""))
    assert page.text == "For all to see."


def test_more_pages_than_allowed_are_refused(tmp_path):
    with pytest.raises(Unreadable, match="too_many_pages"):
        _read(tmp_path, pdfs.with_text("a", "b", "c"), max_pages=2)


def test_more_text_than_allowed_is_refused(tmp_path):
    with pytest.raises(Unreadable, match="too_much_text"):
        _read(tmp_path, pdfs.with_text(LONG, LONG), max_text_bytes=len(LONG) + 10)


def test_a_page_drawn_with_lines_only_gives_no_text(tmp_path):
    image = Image.new("L", (600, 800), 255)
    ImageDraw.Draw(image).line((0, 0, 600, 800), fill=0, width=3)
    (page,) = _read(tmp_path, pdfs.of_scans(image))
    assert page.source == "ocr"
    assert len(page.text) < 5
