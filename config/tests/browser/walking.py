"""A walk over every page of the console in a language and a theme. Each language has a file of tests, so that its walk
goes on beside the others."""

from __future__ import annotations

import os

from playwright.sync_api import expect

from config.tests.browser import looking
from config.tests.browser.pages import console_pages
from config.tests.browser.watching import Console
from config.tests.e2e.installation import Installation

#: All of what axe knows once, and what another theme and direction may break; Thai differs in its widths alone.
LOOKS: dict[tuple[str, str], tuple[str, ...] | None] = {
    ("en", "light"): (),
    ("th", "light"): None,
    ("ar", "dark"): looking.OF_THEMES,
}
TAKES_PICTURES = "SCREENSHOTS" in os.environ
ON_A_PHONE = ("index", "operations", "workbench-answers", "requests", "request-completed", "batch", "set", "audit")


def themes_of(language: str) -> list[str]:
    """Those in which the pages are looked at in a language; pictures are taken in both."""
    return ["light", "dark"] if TAKES_PICTURES else [theme for spoken, theme in LOOKS if spoken == language]


def walk(window: Console, installation: Installation) -> dict[str, list[str]]:
    """Open every page, the one to sign in first. Returns what is wrong, by the name of the page."""
    window.page.goto("/admin/login/")
    found = {"login": look(window, "login")}
    window.sign_in()
    for name, path in console_pages(installation).items():
        window.visit(path, name)
        expect(window.page.locator("html")).to_have_attribute("dir", "rtl" if window.language == "ar" else "ltr")
        found[name] = look(window, name)
    return {name: lines for name, lines in found.items() if lines}


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
