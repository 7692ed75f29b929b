"""Text files in the encodings of offices."""

from __future__ import annotations

import codecs

import pytest

from documents.reading import Limits, Unreadable, plain
from documents.tests.reading.pdfs import write

THAI = "ใบเสร็จรับเงิน บริษัท ทดสอบ จำกัด ยอดรวม 1,250.00 บาท"
ARABIC = "فاتورة ضريبية شركة الاختبار المحدودة المجموع 1250.00 ريال"
FRENCH = "Reçu n° 12 – Société Générale d'été à Genève, payé 12,50 €"


def _texts(tmp_path, content, **limits):
    _count, pages = plain.pages(write(tmp_path, "text", content), Limits(**limits))
    return [page.text for page in pages]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (THAI, "utf-8"),
        (THAI, "utf-8-sig"),
        (THAI, "utf-16"),
        (THAI, "cp874"),
        (ARABIC, "cp1256"),
        (FRENCH, "cp1252"),
    ],
)
def test_text_comes_out_as_it_was_written(tmp_path, text, encoding):
    assert _texts(tmp_path, text.encode(encoding)) == [text]


def test_big_endian_text_is_read_by_its_mark(tmp_path):
    assert _texts(tmp_path, codecs.BOM_UTF16_BE + THAI.encode("utf-16-be")) == [THAI]


def test_form_feeds_part_pages(tmp_path):
    assert _texts(tmp_path, b"one\x0ctwo\r\nthree\x0c") == ["one", "two\nthree"]


def test_what_cannot_be_stored_or_seen_is_left_out(tmp_path):
    assert _texts(tmp_path, b"a\x1ab\x7fc") == ["abc"]


def test_half_a_character_of_utf16_is_a_broken_file(tmp_path):
    with pytest.raises(Unreadable, match="broken"):
        _texts(tmp_path, codecs.BOM_UTF16_LE + b"a\x00b")


def test_a_text_that_is_too_long_is_not_loaded(tmp_path):
    with pytest.raises(Unreadable, match="too_much_text"):
        _texts(tmp_path, b"x" * 300, max_text_bytes=100)


def test_too_many_pages_are_refused(tmp_path):
    with pytest.raises(Unreadable, match="too_many_pages"):
        _texts(tmp_path, b"a\x0cb\x0cc", max_pages=2)
