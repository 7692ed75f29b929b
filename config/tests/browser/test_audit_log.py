"""The audit log in a real browser, in every language, under our content security policy."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import expect

from config.tests.e2e.installation import Installation

pytestmark = pytest.mark.serial

THEMES = ("light", "dark") if "SCREENSHOTS" in os.environ else ("light",)
LIST = "/admin/audit/auditentry/"


def entry_with(installation: Installation, action: str) -> str:
    query = "SELECT id FROM audit_logs WHERE action = %s ORDER BY at LIMIT 1"
    ((identifier,),) = installation.sql(query, action)
    return f"{LIST}{identifier}/change/"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", ["en", "th", "ar"])
def test_the_log_and_an_entry_work_in_every_language_and_theme(
    console: Any, installation: Installation, language: str, theme: str
) -> None:
    window = console(language, theme)
    window.sign_in()
    window.visit(LIST, "audit")
    expect(window.page.locator(".chain-state .badge")).to_be_visible()
    expect(window.page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    window.visit(entry_with(installation, "user.created"), "audit-entry")
    expect(window.page.locator("pre")).to_contain_text('"is_superuser"')


@pytest.mark.parametrize("language", ["en", "th", "ar"])
def test_all_columns_of_the_log_fit_a_small_laptop(console: Any, language: str) -> None:
    window = console(language)
    window.sign_in()
    window.page.goto(LIST)
    hidden = "(list) => list.scrollWidth - list.clientWidth"
    assert window.page.locator("#changelist .results").evaluate(hidden) <= 0


@pytest.mark.parametrize("action", ["", "user.created"])
def test_a_narrow_screen_scrolls_only_inside_the_list(console: Any, installation: Installation, action: str) -> None:
    window = console("ar", "dark")
    window.sign_in()
    window.page.set_viewport_size({"width": 390, "height": 844})
    window.visit(entry_with(installation, action) if action else LIST, f"audit-narrow-{action or 'list'}")
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_auditor_narrows_the_log_to_sign_ins(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.goto(LIST)
    window.page.click("#changelist-filter a >> text=login.succeeded")
    shown = set(window.page.locator("#result_list .field-what").all_inner_texts())
    assert shown == {"login.succeeded"}
