"""Templates: what is a placeholder, what is refused and where, and that values are never looked at."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.rendering import TemplateError, placeholders, render

names = st.from_regex(r"[a-z_][a-z0-9_]{0,63}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
literals = texts.filter(lambda text: "{{" not in text and not text.endswith("{"))


@pytest.mark.parametrize("template", ["{{input}}", "{{ input }}", "{{   input}}", "{{input  }}"])
def test_a_name_in_double_braces_is_replaced_with_or_without_spaces(template: str) -> None:
    assert render(template, {"input": "x"}) == "x"


def test_names_are_told_once_in_the_order_of_their_first_appearance() -> None:
    assert placeholders("{{b}} {{a}} {{ b }} {{_}}") == ["b", "a", "_"]


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    assert render("{{a}}{{b}}", {"a": "{{b}}", "b": "{{a}}"}) == "{{b}}{{a}}"


def test_pieces_of_two_values_make_no_placeholder() -> None:
    assert render("{{a}}{{b}}", {"a": "{", "b": "{a}}"}) == "{{a}}"


@pytest.mark.parametrize(
    "text", ["{x.__class__}", "{x:>999999999}", "{a}", "}}", "${a}", "%(a)s", "{% a %}", "{ {a} }"]
)
def test_anything_without_double_braces_is_plain_text(text: str) -> None:
    assert render(text, {}) == text


@pytest.mark.parametrize("inner", ["7*7", "", " ", "Input", "a.b", "a|safe", "1a", "a b", "a\n", "\ta", "é", "a" * 65])
def test_anything_else_in_double_braces_is_refused(inner: str) -> None:
    with pytest.raises(TemplateError):
        placeholders("{{" + inner + "}}")


@pytest.mark.parametrize("template", ["{{input", "{{input}", "{{{input}}}", "{{{{input}}}}", "text {{"])
def test_braces_that_are_not_closed_or_too_many_are_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        placeholders(template)


def test_a_json_sample_around_a_placeholder_is_plain_text() -> None:
    assert render('{"a": {"b": {{input}}}}', {"input": "1"}) == '{"a": {"b": 1}}'


def test_the_error_tells_line_column_and_offset() -> None:
    with pytest.raises(TemplateError) as refused:
        placeholders("สวัสดี {{name}}\nمرحبا {{7*7}} x")
    error = refused.value
    assert (error.line, error.column, error.offset, error.text) == (2, 7, 22, "{{7*7}}")


def test_the_error_quotes_no_more_than_a_line() -> None:
    with pytest.raises(TemplateError) as refused:
        placeholders("{{" + "x" * 1000 + "}}")
    assert len(refused.value.text) == 80


def test_a_placeholder_without_a_value_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        render("{{input}}", {})


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["{" * 1_000_000, "}" * 1_000_000, "{{" + "a" * 1_000_000, "{{" + " " * 1_000_000 + "}}"]
)
def test_a_megabyte_of_braces_is_looked_through_once(text: str) -> None:
    with contextlib.suppress(TemplateError):
        placeholders(text)


@given(pieces=st.lists(st.tuples(literals, names, texts), max_size=8), end=literals)
def test_a_rendered_template_is_its_literals_with_the_values_between_them(
    pieces: list[tuple[str, str, str]], end: str
) -> None:
    values = {name: value for _literal, name, value in pieces}
    template = "".join(f"{literal}{{{{{name}}}}}" for literal, name, _value in pieces) + end
    assert render(template, values) == "".join(f"{literal}{values[name]}" for literal, name, _value in pieces) + end


@given(st.text(alphabet=string.ascii_lowercase[:2] + "{} \n_1", max_size=40))
def test_any_text_is_either_rendered_or_refused_at_double_braces(template: str) -> None:
    refused_at = None
    try:
        render(template, dict.fromkeys(placeholders(template), ""))
    except TemplateError as error:
        refused_at = error.offset
    assert refused_at is None or template[refused_at : refused_at + 2] == "{{"
