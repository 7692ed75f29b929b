"""Pictures of pages, drawn by the real child."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from documents.reading import Limits, Unreadable, draw
from documents.tests.reading import bombs, drawings, pdfs, picture_bombs
from documents.tests.reading.pdfs import write

RED = (200, 30, 30)


def _drawn(tmp_path, content, number=1, width=300, **limits):
    picture = draw(write(tmp_path, "file", content), number=number, width=width, limits=Limits(**limits))
    if picture is None:
        return None
    image = Image.open(io.BytesIO(picture.content), formats=["WEBP"])
    assert (image.size, picture.media_type) == ((picture.width, picture.height), "image/webp")
    return image


def _file(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _is_red(pixel):
    return all(abs(is_there - wanted) < 40 for is_there, wanted in zip(pixel, RED, strict=True))


def test_a_page_of_a_pdf_is_as_wide_as_was_asked_for(tmp_path):
    assert _drawn(tmp_path, pdfs.with_text("One", "Two"), number=2).size == (300, 425)


def test_what_stands_on_a_page_is_to_be_seen(tmp_path):
    empty, written = (_drawn(tmp_path, pdfs.with_text(text)).convert("L") for text in ("", "A receipt.\n" * 20))
    assert empty.getextrema()[0] > 250
    assert written.getextrema()[0] < 100


def test_a_picture_keeps_its_colours(tmp_path):
    image = _drawn(tmp_path, _file(Image.new("RGB", (600, 400), RED)))
    assert image.size == (300, 200)
    assert _is_red(image.convert("RGB").getpixel((150, 100)))


def test_a_small_picture_is_not_blown_up(tmp_path):
    assert _drawn(tmp_path, _file(Image.new("RGB", (60, 40), RED))).size == (60, 40)


def test_a_camera_says_which_way_a_picture_was_held(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert _drawn(tmp_path, _file(Image.new("RGB", (600, 400), RED), "JPEG", exif=exif)).size == (300, 450)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_pictures_of_every_mode_are_drawn(tmp_path, mode):
    scan = drawings.page().convert("RGBA" if mode == "LA" else "L").convert(mode if mode != "I;16" else "I")
    image = scan.convert("I;16") if mode == "I;16" else scan
    drawn = _drawn(tmp_path, _file(image, "TIFF" if mode == "CMYK" else "PNG"), width=200)
    assert drawn.width == 200


def test_what_is_transparent_is_paper(tmp_path):
    image = _drawn(tmp_path, _file(Image.new("RGBA", (60, 40), (0, 0, 0, 0))))
    assert image.convert("L").getextrema()[0] > 250


def test_each_page_of_a_tiff_is_drawn_by_its_number(tmp_path):
    first, second = Image.new("RGB", (60, 40), "white"), Image.new("RGB", (50, 90), RED)
    content = _file(first, "TIFF", save_all=True, append_images=[second])
    assert _drawn(tmp_path, content, number=2).size == (50, 90)


@pytest.mark.parametrize("number", [0, 3, 999_999])
@pytest.mark.parametrize(
    "content",
    [pdfs.with_text("One", "Two"), _file(Image.new("L", (9, 9))), _file(Image.new("L", (9, 9)), "TIFF")],
    ids=["pdf", "png", "tiff"],
)
def test_a_page_that_is_not_there_has_no_picture(tmp_path, content, number):
    assert _drawn(tmp_path, content, number=number) is None


def test_a_text_has_no_picture(tmp_path):
    assert _drawn(tmp_path, b"A receipt.") is None


def test_a_long_receipt_stays_readable_and_bounded(tmp_path):
    assert _drawn(tmp_path, _file(Image.new("L", (300, 9000))), width=300).size == (50, 1500)


def test_a_file_with_a_password_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="encrypted"):
        _drawn(tmp_path, pdfs.encrypted("Secret", b"password"))


def test_a_picture_larger_than_its_limit_is_not_sent(tmp_path):
    with pytest.raises(Unreadable, match="image_too_large"):
        _drawn(tmp_path, _file(Image.effect_noise((400, 400), 80)), max_text_bytes=2000)


@pytest.mark.serial
@pytest.mark.parametrize(
    "bomb", [bombs.object_stream, bombs.picture_in_pdf, picture_bombs.huge_png], ids=lambda bomb: bomb.__name__
)
def test_a_bomb_goes_off_in_the_child_only(tmp_path, bomb):
    with pytest.raises(Unreadable):
        _drawn(tmp_path, bomb(), memory_bytes=256 << 20)
