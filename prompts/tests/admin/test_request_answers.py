"""The answer on the page of a request: rendered, as a tree, and as it came; and its attempts to scale."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prompts.admin.json_tree import MOST_CHARACTERS, MOST_MEMBERS, JsonTree
from prompts.models import PromptRequest
from prompts.tests.admin.stories import answered, failed_after
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db


def page_of(page: Client, request: PromptRequest) -> str:
    return page.get(reverse("admin:prompts_promptrequest_change", args=[request.pk])).text


def views_of(text: str) -> list[str]:
    return re.findall(r'name="answer-view" id="answer-(\w+)"', text)


@pytest.mark.parametrize(
    ("answer", "views"),
    [
        ("Just words.", []),
        ("# A heading", ["markdown", "raw"]),
        ('{"total": 5}', ["tree", "raw"]),
        ('```json\n{"total": 5}\n```', ["tree", "raw"]),
        ('The *total*: {"total": 5}', ["markdown", "tree", "raw"]),
        ('{"total": ', []),
    ],
)
def test_an_answer_is_shown_in_the_ways_that_fit_it(superuser_page: Client, answer: str, views: list[str]) -> None:
    shown = views_of(page_of(superuser_page, answered(answer)))
    assert shown == views


def test_the_first_view_is_chosen_from_the_start(superuser_page: Client) -> None:
    text = page_of(superuser_page, answered("# A heading"))
    assert re.findall(r'value="(\w+)" checked', text) == ["markdown"]


def test_markdown_is_rendered_and_markup_in_it_is_not(superuser_page: Client) -> None:
    text = page_of(superuser_page, answered("**bold** <script>alert(1)</script> [x](javascript:alert(1))"))
    assert "<strong>bold</strong>" in text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text


def test_the_tree_shows_keys_and_values_as_text() -> None:
    html = str(JsonTree({"<b>": ["<i>", 5, None, True, {}], "ชื่อ": "بائع"}).html)
    for expected in (
        "&lt;b&gt;",
        "&lt;i&gt;",
        ">5<",
        ">null<",
        ">true<",
        ">{}<",
        "ชื่อ",
        '<span class="json-text" dir="auto">بائع',
    ):
        assert expected in html
    assert '<div class="json-tree" dir="ltr">' in html


def nested(depth: int) -> Any:
    value: Any = "end"
    for _level in range(depth):
        value = {"in": value}
    return value


@pytest.mark.parametrize(
    "value", [dict.fromkeys(map(str, range(MOST_MEMBERS * 5)), 1), [[1] * 100] * 100, {"a": "x" * MOST_CHARACTERS * 9}]
)
def test_a_tree_is_bounded_and_says_so(value: Any) -> None:
    tree = JsonTree(value)
    assert tree.is_cut
    assert str(tree.html).count("<li>") <= MOST_MEMBERS
    assert len(tree.html) < 100 * MOST_MEMBERS + MOST_CHARACTERS


def test_an_answer_that_is_nested_deeply_is_shown(superuser_page: Client) -> None:
    assert "tree" in views_of(page_of(superuser_page, answered(json.dumps(nested(60)))))
    assert "answer-heading" in page_of(superuser_page, answered(json.dumps(nested(900))))


def test_a_request_under_way_says_that_its_answer_appears_by_itself(superuser_page: Client) -> None:
    text = page_of(superuser_page, make_request())
    assert "It appears here when it comes." in text
    assert "Reload" not in text


def test_each_attempt_has_a_bar_inside_of_the_scale(superuser_page: Client) -> None:
    text = page_of(superuser_page, failed_after(3))
    bars = re.findall(r'<rect class="attempt-(\w+)" x="(\d+)" width="(\d+)"', text)
    assert [outcome for outcome, _left, _long in bars] == ["failed"] * 3
    assert all(0 <= int(left) < 1000 and 0 < int(long) <= 1000 for _outcome, left, long in bars)
    assert "style=" not in text.partition('class="timeline"')[2].partition("</ol>")[0]
