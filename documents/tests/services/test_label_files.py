"""Reading files of labels."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.services.label_files import MAX_BYTES, parse
from prompts.exceptions import InvalidInput
from prompts.services.inputs import is_storable

PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), st.text(st.characters(codec="utf-8"))
)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "file": st.text(st.characters(codec="utf-8", exclude_characters="\x00")).map(str.strip),
            "fields": st.dictionaries(st.text(st.characters(codec="utf-8")), PLAIN, max_size=4),
        }
    ),
    min_size=1,
    max_size=5,
)


def read(text: str | bytes) -> list[tuple[str, dict[str, Any]]]:
    labels = parse(text.encode() if isinstance(text, str) else text)
    return [(label.file, label.fields) for label in labels]


def problem(text: str | bytes) -> str:
    with pytest.raises(InvalidInput) as error:
        read(text)
    assert list(error.value.errors) == ["labels"]
    return str(error.value.message)


def test_each_line_of_a_csv_is_a_document_and_an_empty_cell_says_nothing() -> None:
    assert read("file,total,date\na.jpg,1.00,2018-12-25\nb.jpg,,\n") == [
        ("a.jpg", {"total": "1.00", "date": "2018-12-25"}),
        ("b.jpg", {}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_csv_is_read_as_office_programs_write_it(delimiter: str, end: str, mark: str) -> None:
    rows = [["total", "File"], ['"RM 1,00;\t""x"""', "a.jpg"]]
    text = mark + end.join(delimiter.join(row) for row in rows) + end + end
    assert read(text) == [("a.jpg", {"total": 'RM 1,00;\t"x"'})]


@pytest.mark.parametrize("column", ["file", "FILE", "filename", "file_name", "document"])
def test_the_column_of_the_file_may_be_called_in_several_ways(column: str) -> None:
    assert read(f"{column},total\na.jpg,1\n") == [("a.jpg", {"total": "1"})]


@given(ENTRIES)
def test_what_was_written_as_json_is_read(entries: list[dict[str, Any]]) -> None:
    wanted = [(entry["file"], entry["fields"]) for entry in entries]
    assert read(json.dumps(entries)) == wanted
    assert read("\n".join(json.dumps(entry) for entry in entries)) == wanted
    assert read(json.dumps(entries[:1][0], indent=1)) == wanted[:1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff\xfe", "no text in UTF-8"),
        ("", "empty"),
        ("file,total\n", "names no document"),
        ("[]", "names no document"),
        ("total\n1\n", "one of them “file”"),
        ("file,document,total\na,b,1\n", "one of them “file”"),
        ("file,total,total\na,1,2\n", "a name of its own"),
        ("file,,total\na,1,2\n", "a name of its own"),
        ("file,total\na,1,2\n", "Line 2 has not as many values"),
        ("total,file\n\n1\n", "Line 3 has not as many values"),
        ('file,total\na,"1\n', "Line"),
        ('{"file": "a", "fields": {}}\n{"file": ', "Line 2: Expecting value"),
        ('[{"file": "a", "fields": {}},\n {"file" "b"}]', "Line 2: Expecting ':'"),
        ('{"file": "a", "fields": {"x": 1, "x": 2}}', "appears twice"),
        ('{"file": "a", "fields": {"x": NaN}}', "NaN is no JSON"),
        ('{"file": "a", "fields": {"x": 1e999}}', "too large"),
        ('[{"file": "a"}]', "Entry 1 is not of the form"),
        ('[{"file": "a", "fields": {}, "more": 1}]', "Entry 1 is not of the form"),
        ('[{"file": 1, "fields": {}}]', "Entry 1 is not of the form"),
        ('[{"file": "a", "fields": []}]', "Entry 1 is not of the form"),
        ("[1]", "Entry 1 is not of the form"),
        ("[" * 100_000, "Line 1"),
        (b" " * (MAX_BYTES + 1), "larger than 32 MB"),
    ],
)
def test_what_can_not_be_used_is_refused_with_its_place(text: str | bytes, told: str) -> None:
    assert told in problem(text)


@given(st.text(max_size=200))
def test_whatever_stands_in_it_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert parse(text.encode(errors="surrogatepass"))


@pytest.mark.parametrize(
    "text",
    [r'[{"file": "\ud800.jpg", "fields": {"a": 1}}]', r'{"file": "a\u0000.jpg", "fields": {"a": 1}}', "file,a\n\0,1"],
    ids=["surrogate", "nul", "nul in csv"],
)
def test_a_file_name_that_can_not_be_stored_or_sent_is_refused_in_words_that_can(text: str) -> None:
    said = problem(text)
    assert said.startswith(("Entry 1 ", "Line 2: "))
    assert is_storable(said)


@pytest.mark.parametrize("text", ["file,a\n" + "a.jpg,1\n" * 4, '{"file": "a.jpg", "fields": {"a": 1}}\n' * 4])
def test_more_labels_than_a_set_holds_are_refused_at_once(text: str, settings: Any) -> None:
    settings.BATCH_MAX_DOCUMENTS = 3
    assert problem(text) == "A set has 1 to 3 documents."
