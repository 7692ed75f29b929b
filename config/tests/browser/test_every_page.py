"""Every page of the console: in English, without barriers, and on a phone; none is missing in the list of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.urls import resolve
from django.urls.resolvers import URLPattern, URLResolver
from playwright.sync_api import expect

from config.tests.browser.no_pages import NO_PAGES
from config.tests.browser.pages import api_pages, console_pages
from config.tests.browser.walking import themes_of, walk
from config.tests.e2e.installation import Installation

# One walk is a hundred pages.
pytestmark = [pytest.mark.serial, pytest.mark.timeout(900)]


@pytest.mark.parametrize("theme", themes_of("en"))
def test_every_page_works_in_english_without_barriers(console: Any, filled: Installation, theme: str) -> None:
    assert walk(console("en", theme), filled) == {}


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
