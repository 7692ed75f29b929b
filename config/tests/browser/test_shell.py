"""The frame of every page, with the keyboard alone and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from config.tests.browser import looking

pytestmark = pytest.mark.serial

FOCUSED = "document.activeElement.matches(':focus-visible') && getComputedStyle(document.activeElement).outlineStyle"


def test_the_keyboard_skips_the_header_and_closes_its_menu(page: Page) -> None:
    page.goto("/admin/prompts/prompttype/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    menu = page.locator(".account")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_whatever_the_keyboard_reaches_shows_that_it_did(page: Page) -> None:
    page.goto("/admin/prompts/promptrequest/")
    unseen = []
    for _number in range(45):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) in {"none", False}:
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert unseen == []


def test_a_phone_reaches_every_place_through_one_menu_with_room_for_a_finger(page: Page) -> None:
    page.set_viewport_size(looking.PHONE)
    page.goto("/admin/")
    menu = page.get_by_role("navigation", name="Main places")
    menu.get_by_text("Menu").click()
    heights = menu.get_by_role("link").evaluate_all("(links) => links.map((link) => link.offsetHeight).filter(Boolean)")
    assert min(heights) >= 44
    menu.get_by_role("link", name="Requests", exact=True).click()
    expect(page).to_have_url(re.compile("/promptrequest/$"))


def test_the_theme_is_kept_and_speaks_for_itself(page: Page) -> None:
    toggle = page.get_by_role("button", name="Toggle theme")
    toggle.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="current theme: dark")).to_be_visible()
