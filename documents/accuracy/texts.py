"""Texts without what is written now in one way and now in another."""

from __future__ import annotations

import re
import unicodedata

# Tatweel and the vowel signs of Arabic, which a text may have or leave out.
_ARABIC_ORNAMENTS = re.compile("[\u0640\u064b-\u0652]")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_APOSTROPHES = re.compile("['’‘`´]")
# Not a sign before a number, nor a mark behind a letter ("A-").
_HYPHEN = re.compile(r"(?<=\w)(?:\s*[-–—‐‑]\s+|[-–—‐‑]|\s+[–—])(?=\w)|(?<=\s)[-–—](?=\s)|(?<=\w)\s+[-‐‑](?=[^\W\d])")
# Between two digits these tell one number from two.
_PUNCTUATION = re.compile(r"(?<!\d)[.,:/]|[.,:/](?!\d)|[;!?\"“”„«»()\[\]{}|\\_*·•،؛؟。、]")
# Thai is written without spaces between words; readers put some in.
_BESIDE_THAI = re.compile(r" (?=[\u0e00-\u0e7f])|(?<=[\u0e00-\u0e7f]) ")


def plain(text: str) -> str:
    """In small letters and digits from 0 to 9, one space where there were several, without invisible characters."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(_character(one) for one in text if unicodedata.category(one) != "Cf")
    return " ".join(_ARABIC_ORNAMENTS.sub("", visible).split())


def bare(text: str) -> str:
    """What `plain` made, without punctuation, where anything is left then."""
    joined = _INITIALS.sub(lambda found: found[0].replace(".", ""), text)
    spaced = _PUNCTUATION.sub(" ", _HYPHEN.sub(" ", _APOSTROPHES.sub("", joined)))
    return _BESIDE_THAI.sub("", " ".join(spaced.split())) or text


def _character(one: str) -> str:
    return str(unicodedata.decimal(one)) if one.isdecimal() else one
