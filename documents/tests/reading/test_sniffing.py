"""The kind of a file is told from its content."""

from __future__ import annotations

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from documents.reading import HEAD_BYTES, media_type
from documents.tests.reading import bombs, pdfs

KINDS = {None, "application/pdf", "image/png", "image/jpeg", "image/tiff", "text/plain"}


def _saved(name: str) -> bytes:
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, name)
    return out.getvalue()


@pytest.mark.parametrize(("name", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("TIFF", "image/tiff")])
def test_pictures_are_told_by_their_first_bytes(name, kind):
    assert media_type(_saved(name)[:HEAD_BYTES]) == kind


@pytest.mark.parametrize("before", [b"", b"\r\n", codecs.BOM_UTF8, codecs.BOM_UTF8 + b" \n"])
def test_a_pdf_may_have_blanks_before_it(before):
    assert media_type(before + pdfs.with_text("one")) == "application/pdf"


@pytest.mark.parametrize(
    "head",
    [b"plain", "ใบเสร็จ".encode(), "ใบเสร็จ".encode("cp874"), "فاتورة".encode("cp1256"), "é".encode("utf-16")],
    ids=["ascii", "utf-8", "cp874", "cp1256", "utf-16"],
)
def test_text_is_text_in_any_encoding(head):
    assert media_type(head) == "text/plain"


@pytest.mark.parametrize("content", [bombs.program(), bombs.gif_and_pdf(), _saved("GIF"), _saved("BMP"), b"PK\x03\x04"])
def test_what_cannot_be_read_has_no_kind(content):
    assert media_type(content[:HEAD_BYTES]) is None


def test_a_text_that_speaks_of_a_pdf_is_a_text():
    assert media_type(b"Files of ours begin with %PDF-1.4") == "text/plain"


@given(st.binary(max_size=64))
def test_anything_has_a_known_kind_or_none(head):
    assert media_type(head) in KINDS
