"""ReDoS: a million characters made to keep a regular expression or a reader busy take less than a second of work."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from documents.accuracy import dates, matching, numbers, texts
from documents.reading import tidying
from documents.services import label_files, labels
from prompts import answers, field_schemas, markdown, rendering, spreadsheets, token_text, transfer_format
from prompts.api import bearer
from prompts.exceptions import InvalidInput
from prompts.rendering import TemplateError
from providers.text import storable

SECONDS = 1.0
LENGTH = 1_000_000
#: What the patterns of the product are made of: whatever of it is repeated, none may look back at all of it each time.
UNITS = [*"a0 \n\t-{[\"'`*|<", '{"', "1,", "a ", "{{", "ก ", '\\"', "[{", "{ ", "//", "/*", " \n"]
#: A pattern of somebody's, of those that take twice as long for each further character.
PATTERNS = {"type": "object", "properties": {"total": {"type": "string", "pattern": "^(a+)+$|^([a-z]|[a-z0-9])*$"}}}
#: Readers of what others write, by their names.
READERS: dict[str, Callable[[str], Any]] = {
    "answers to objects": answers.parse_object,
    "what a test shows": answers.result_of,
    "placeholders": rendering.placeholders,
    "spreadsheets": lambda text: spreadsheets.csv_line([text]),
    "lines of JSON": spreadsheets.json_line,
    "tokens": token_text.in_header,
    "access tokens": lambda text: bearer.claims_of(f"Bearer {text}"),
    "page texts": tidying.tidy_page,
    "texts of files": tidying.tidy,
    "file names": labels.clean_name,
    "paths": labels.clean_path,
    "plain texts": storable,
    "amounts": numbers.read,
    "dates": dates.read,
    "labels": lambda text: label_files.parse(text.encode()),
    "labels in JSON": lambda text: label_files.parse(f'[{{"file": "a", "fields": {{"b": "{text}"}}}}]'.encode()),
    "exchanged versions": lambda text: transfer_format.load(text.encode()),
    "checks of fields": lambda text: field_schemas.check_answer(PATTERNS, {"total": text}),
    "answers on a page": markdown.is_plain,
    "words": lambda text: texts.plain(text[: matching.MAX_LENGTH]),
}


def spent(act: Callable[[], Any]) -> float:
    """Seconds of the processor, which nobody else's work makes longer."""
    started = time.process_time()
    with suppress(InvalidInput, TemplateError):
        act()
    return time.process_time() - started


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_what_was_made_to_be_slow(name: str) -> None:
    read = READERS[name]
    took = {unit: spent(partial(read, unit * (LENGTH // len(unit)))) for unit in UNITS}
    assert {unit: seconds for unit, seconds in took.items() if seconds > SECONDS} == {}
