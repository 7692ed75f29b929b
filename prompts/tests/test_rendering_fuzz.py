"""Any text is a template or refused with its place; a value is put in as it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prompts.rendering import Placeholder, TemplateError, parse, placeholders, render
from prompts.tests.fuzzing import fuzzed

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,63}", fullmatch=True)
#: Full of what templates are made of.
PIECES = st.sampled_from(["{", "}", "{{", "}}", "{{a}}", "{{ b }}", "{{a b}}", "\n", " ", "a", "{{{", "ก", "\x00"])
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))
#: Without a brace, nothing of it can be taken for a placeholder.
LITERALS = st.text(st.characters(exclude_characters="{"))


@given(TEXTS)
@fuzzed(200)
def test_a_text_is_a_template_or_refused_where_its_braces_are(text: str) -> None:
    pieces = pieces_of(text)
    if isinstance(pieces, TemplateError):
        before = text[: pieces.offset].split("\n")
        assert text[pieces.offset : pieces.offset + 2] == "{{"
        assert (pieces.line, pieces.column) == (len(before), len(before[-1]) + 1)
    else:
        assert not any("{{" in piece for piece in pieces if isinstance(piece, str))
        assert set(placeholders(text)) == {piece.name for piece in pieces if isinstance(piece, Placeholder)}


def pieces_of(text: str) -> list[str | Placeholder] | TemplateError:
    """The pieces, or what is wrong."""
    try:
        return list(parse(text))
    except TemplateError as error:
        return error


@given(st.lists(st.tuples(LITERALS, NAMES, st.integers(0, 3))), st.data())
@fuzzed(100)
def test_what_was_put_in_comes_out_as_it_is(parts: list[tuple[str, str, int]], data: st.DataObject) -> None:
    values = {name: data.draw(TEXTS) for _literal, name, _blanks in parts}
    template = "".join(f"{literal}{{{{{' ' * blanks}{name}{' ' * blanks}}}}}" for literal, name, blanks in parts)
    assert render(template, values) == "".join(literal + values[name] for literal, name, _blanks in parts)
