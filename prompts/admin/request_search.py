"""What a search in the list of requests tells: how much was searched, and where the words stand."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import SearchHeadline
from django.db.models import F, Value
from django.db.models.functions import Concat, Left
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.querysets import words_query
from prompts.services.searching import Found

#: Texts are split into words again for each row that is shown.
MOST_CHARACTERS = 5_000
START, END = "\x01", "\x02"
_MARKED = re.compile(f"{START}([^{START}{END}]*){END}")
_FOUND = "_found_by_search"


def remember(request: HttpRequest, found: Found) -> None:
    """Keep what the search of this request has found, for its page."""
    setattr(request, _FOUND, found)


def notes(request: HttpRequest) -> list[SafeString]:
    """What wasn't searched, in sentences; nothing where all was, or where nobody searched."""
    found: Found | None = getattr(request, _FOUND, None)
    if found is None:
        return []
    told = []
    if found.since:
        told.append(
            format_html(
                _("Very many requests hold these words: those since {} were searched. Filter by time to reach others."),
                display.moment(found.since),
            )
        )
    if found.letters_since:
        told.append(
            format_html(
                _("Parts of words were looked for in requests since {}; whole words in earlier ones, too."),
                display.moment(found.letters_since),
            )
        )
    return told


def places(words: str) -> dict[str, Any]:
    """Columns with the places where the words stand, in the text and in the answer of each row."""
    options: dict[str, Any] = {"config": "simple", "start_sel": START, "stop_sel": END, "max_words": 14, "min_words": 6}
    text = Concat(Left("prompt_text", MOST_CHARACTERS), Value(" "), F("purpose"))
    answer = Left("response__response_text", MOST_CHARACTERS)
    return {
        "place_in_text": SearchHeadline(text, words_query(words), **options),
        "place_in_answer": SearchHeadline(answer, words_query(words), **options),
    }


def marked(place: str | None) -> SafeString | str:
    """A place with marks on the words; nothing where they don't stand in it."""
    if not place or START not in place:
        return ""
    pieces = _MARKED.split(place)
    pairs = zip(pieces[::2], [*pieces[1::2], ""], strict=True)
    parts = [(_plain(before), format_html("<mark>{}</mark>", word) if word else "") for before, word in pairs]
    return format_html('<bdi class="found">{}</bdi>', format_html_join("", "{}{}", parts))


def _plain(text: str) -> str:
    return text.replace(START, "").replace(END, "")
