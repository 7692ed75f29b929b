"""Scans of every kind and quality, read by the real child."""

from __future__ import annotations

import pytest
from PIL import Image

from documents.reading import Limits, read
from documents.tests.reading import drawings

#: The part of the words that must come out right; on a clean scan it is all but one or two.
ENOUGH = 0.85


def _text(tmp_path, image, name="scan.png", **options):
    path = tmp_path / name
    image.save(path, **options)
    (page,) = read(path, limits=Limits())
    return page.text


@pytest.mark.parametrize("name", ["scan.png", "scan.jpg", "scan.tif"])
def test_each_format_is_read(tmp_path, name):
    assert drawings.share_found(_text(tmp_path, drawings.page(), name)) > ENOUGH


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_the_wrong_way_up_is_turned(tmp_path, degrees):
    lines = drawings.LINES * 2
    scan = drawings.page(lines).rotate(degrees, expand=True)
    assert drawings.share_found(_text(tmp_path, scan), lines) > ENOUGH


@pytest.mark.parametrize("degrees", [-7, 4])
def test_a_skewed_page_is_straightened(tmp_path, degrees):
    scan = drawings.page().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert drawings.share_found(_text(tmp_path, scan)) > ENOUGH


def test_faded_ink_on_grey_paper_is_read(tmp_path):
    assert drawings.share_found(_text(tmp_path, drawings.page(ink=150, paper=190))) > ENOUGH


def test_a_page_in_shadow_is_read(tmp_path):
    scan = drawings.page()
    light = Image.linear_gradient("L").resize(scan.size).point(lambda level: 70 + level * 185 // 255)
    shaded = Image.composite(scan, Image.new("L", scan.size), light)
    assert drawings.share_found(_text(tmp_path, shaded)) > ENOUGH


def test_small_print_is_read(tmp_path):
    assert drawings.share_found(_text(tmp_path, drawings.page(height=13))) > ENOUGH


def test_a_camera_says_which_way_it_was_held(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = drawings.page().rotate(90, expand=True)
    assert drawings.share_found(_text(tmp_path, turned, "scan.jpg", exif=exif)) > ENOUGH


def test_what_is_transparent_is_paper(tmp_path):
    scan = drawings.page(paper=255)
    ink = Image.new("RGBA", scan.size, (0, 0, 0, 0))
    ink.putalpha(scan.point(lambda level: 255 - level))
    assert drawings.share_found(_text(tmp_path, ink)) > ENOUGH


def test_sixteen_bits_a_pixel_are_read(tmp_path):
    deep = drawings.page().convert("I").point(lambda level: level * 257).convert("I;16")
    assert drawings.share_found(_text(tmp_path, deep)) > ENOUGH


def test_each_page_of_a_tiff_is_read(tmp_path):
    first, second = drawings.page(["The first page"]), drawings.page(["The second page"])
    first.save(tmp_path / "scan.tif", save_all=True, append_images=[second])
    pages = read(tmp_path / "scan.tif", limits=Limits())
    assert [page.text for page in pages] == ["The first page", "The second page"]


def test_a_blank_page_has_no_text_and_no_confidence(tmp_path):
    Image.new("L", (800, 1000), 255).save(tmp_path / "blank.png")
    (page,) = read(tmp_path / "blank.png", limits=Limits())
    assert (page.text, page.confidence) == ("", None)
