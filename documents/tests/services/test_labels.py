"""A name that somebody gave to a file is a label: harmless to show, and no path."""

from __future__ import annotations

import pytest

from documents.models.document import MAX_NAME_LENGTH
from documents.services.labels import clean_name, clean_path


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("receipt.pdf", "receipt.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\scan.png", "scan.png"),
        ("/a/b/c.pdf", "c.pdf"),
        ("folder/", "folder"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("a\x00b\nc\x1b[31m.pdf", "a b c [31m.pdf"),
        ("  two   words .pdf ", "two words .pdf"),
        ("ใบเสร็จ.pdf", "ใบเสร็จ.pdf"),
        ("إيصال.pdf", "إيصال.pdf"),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        ("bad\ud800name.pdf", "bad name.pdf"),
        ("", "Unnamed document"),
        ("..", "Unnamed document"),
        ("\u202e\u200b", "Unnamed document"),
    ],
)
def test_a_name_becomes_a_label(name: str, label: str) -> None:
    assert clean_name(name) == label


def test_a_long_name_keeps_its_suffix() -> None:
    name = clean_name("x" * 5000 + ".pdf")
    assert len(name) == MAX_NAME_LENGTH
    assert name.endswith("x….pdf")


def test_a_long_name_without_a_suffix_is_cut() -> None:
    assert clean_name("x" * 5000) == "x" * (MAX_NAME_LENGTH - 1) + "…"


def test_what_normalising_makes_longer_fits_all_the_same() -> None:
    assert len(clean_name("\ufdfa" * 300)) <= MAX_NAME_LENGTH


def test_a_path_keeps_its_folders_but_leads_nowhere() -> None:
    assert clean_path("../2024\\/./march/receipt.pdf") == "2024/march/receipt.pdf"
