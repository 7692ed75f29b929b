"""A file of versions is read as it was written, or refused on its field; nothing else comes of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from prompts import transfer_format
from prompts.exceptions import InvalidInput
from prompts.tests.fuzzing import fuzzed

PIECES = st.sampled_from(
    [
        "format: ai-prompt-manager 1\n",
        "types:\n",
        "- slug: a\n",
        "  versions:\n",
        "  - template: |\n      x\n",
        "&a [*a, *a]",
        "!!python/object/apply:os.system ['true']",
        "<<: *a",
        "? ",
        "- " * 200,
        "[" * 200,
        "{a: ",
        "0x10",
        "1_000",
        ".nan",
        "2001-01-01",
        "\t",
        "%YAML 9.9\n",
        "---\n",
        "...\n",
        '"\\u0000"',
        '"\\ud800"',
        "\ufeff",
        "\x85",
    ]
)
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
#: With what YAML makes something of.
WORDS = ["yes", "null", "1e3", "~", "a: b", "- a", "# x", " x ", "\ufeff", "\x85", "x\r\n", "'"]
ODD = st.one_of(TEXTS, st.sampled_from(WORDS))


@given(st.one_of(st.binary(), st.text().map(str.encode), st.lists(PIECES).map(lambda each: "".join(each).encode())))
@fuzzed(200)
def test_any_bytes_are_a_file_or_refused_on_their_field(data: bytes) -> None:
    assert fault_of(data) in (None, {"file"})


def fault_of(data: bytes) -> set[str] | None:
    """The fields at fault; None for a file that can be read."""
    try:
        transfer_format.load(data)
    except InvalidInput as error:
        return set(error.errors)
    return None


@given(st.lists(st.tuples(ODD, ODD, ODD), max_size=3))
@fuzzed(100)
def test_what_was_written_is_read_again(texts: list[tuple[str, str, str]]) -> None:
    types: list[dict[str, Any]] = [
        {"slug": "a", "label": label, "versions": [{"number": 1, "template": template, "note": note}]}
        for label, template, note in texts
    ]
    assert transfer_format.load(transfer_format.dump(types).encode()) == types
