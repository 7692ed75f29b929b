"""Making a name that somebody gave to a file harmless to show. Nothing is opened by it."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from documents.models.document import MAX_NAME_LENGTH

#: Control and format characters, which turn the reading direction round among others, lone surrogates, and breaks.
HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: Persian and Indic scripts are misspelt without them.
JOINERS = "\u200c\u200d"
SEPARATORS = re.compile(r"[/\\]")
MAX_SUFFIX_LENGTH = 16


def clean_name(name: str) -> str:
    """The last part of the path, in one line of at most MAX_NAME_LENGTH characters that keeps its suffix."""
    parts = _parts(name)
    return _shorten(parts[-1]) if parts else _("Unnamed document")


def clean_path(name: str) -> str:
    """The same with its folders, for two files of one name; "." and ".." are left out."""
    return _shorten("/".join(_parts(name))) or _("Unnamed document")


def _parts(name: str) -> list[str]:
    # Each sign may become eighteen others when it is normalised: what is too long anyway need not.
    text = unicodedata.normalize("NFC", name[-4096:])
    plain = "".join(" " if _is_harmful(character) else character for character in text)
    parts = [" ".join(part.split()) for part in SEPARATORS.split(plain)]
    return [part for part in parts if part not in {"", ".", ".."}]


def _is_harmful(character: str) -> bool:
    return unicodedata.category(character) in HARMFUL and character not in JOINERS


def _shorten(name: str) -> str:
    if len(name) <= MAX_NAME_LENGTH:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > MAX_SUFFIX_LENGTH:
        return name[: MAX_NAME_LENGTH - 1] + "…"
    return stem[: MAX_NAME_LENGTH - 2 - len(suffix)] + "…" + dot + suffix
