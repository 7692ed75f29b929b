"""Every page of the console: in each language, in both themes, without barriers, and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.urls import resolve
from django.urls.resolvers import URLPattern, URLResolver
from playwright.sync_api import expect

from config.tests.browser import looking
from config.tests.browser.documents import make_documents
from config.tests.browser.no_pages import NO_PAGES
from config.tests.browser.pages import api_pages, console_pages
from config.tests.browser.watching import Console
from config.tests.e2e.installation import Installation

# One walk is a hundred pages.
pytestmark = [pytest.mark.serial, pytest.mark.timeout(900)]

LANGUAGES, THEMES = ("en", "th", "ar"), ("light", "dark")
#: All of what axe knows once, and what another theme and direction may break; Thai differs in its widths alone.
LOOKS: dict[tuple[str, str], tuple[str, ...] | None] = {
    ("en", "light"): (),
    ("th", "light"): None,
    ("ar", "dark"): looking.OF_THEMES,
}
TAKES_PICTURES = "SCREENSHOTS" in os.environ
WALKS = [(language, theme) for language in LANGUAGES for theme in THEMES] if TAKES_PICTURES else list(LOOKS)
ON_A_PHONE = ("index", "operations", "workbench-answers", "requests", "request-completed", "batch", "set", "audit")


@pytest.fixture
def filled(installation: Installation) -> Installation:
    """With documents, batches and a labelled set."""
    make_documents(installation)
    return installation


@pytest.mark.parametrize(("language", "theme"), WALKS)
def test_every_page_works_without_barriers(console: Any, filled: Installation, language: str, theme: str) -> None:
    window = console(language, theme)
    window.page.goto("/admin/login/")
    found = {"login": look(window, "login")}
    window.sign_in()
    for name, path in console_pages(filled).items():
        window.visit(path, name)
        expect(window.page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
        found[name] = look(window, name)
    assert {name: lines for name, lines in found.items() if lines} == {}


def look(window: Console, name: str) -> list[str]:
    """What is wrong with the page; nothing is looked for while pictures are taken."""
    if TAKES_PICTURES:
        if name in ON_A_PHONE:
            window.picture_on_a_phone(name)
        return []
    page = window.page
    # Around each page is the same: it is looked at where that is all there is, and once with the sidebar.
    rules, with_surroundings = LOOKS[window.language, window.theme], name in {"login", "users"}
    found = [] if rules is None else looking.barriers(page, rules=rules, surroundings=with_surroundings)
    return found + looking.hidden_columns(page) + looking.width_on_a_phone(page)


def test_the_pages_of_the_api_work(console: Any) -> None:
    window = console()
    window.sign_in()
    for name, path in api_pages().items():
        window.visit(path, name)
        expect(window.page.locator("body")).to_contain_text("AI Prompt Manager")


def named(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """The names of all addresses of the console."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def test_every_page_is_in_the_list_of_pages(filled: Installation) -> None:
    paths = [*console_pages(filled).values(), "/admin/login/"]
    shown = {resolve(path.partition("?")[0]).url_name for path in paths}
    others = set().union(*NO_PAGES.values())
    # All pages of what happened to a row are made by one template.
    expected = {name for name in named(admin.site.get_urls()) if not name.endswith("_history")}
    assert expected - shown - others == set(), "Name them in config/tests/browser/pages.py or no_pages.py."
    assert others - expected == set()
    assert "prompts_prompttype_history" in shown
