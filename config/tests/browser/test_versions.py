"""Versions in a real browser: from a draft to the active one and back without scripts, and tested."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from config.tests.browser.pages import VERSIONS
from config.tests.e2e.installation import PASSWORD, USERNAME, Installation

pytestmark = pytest.mark.serial


def activate(page: Page, version: str) -> None:
    """From the page of a version through the question."""
    page.click(".object-tools >> text=Activate")
    page.click(f"button.confirm >> text=Activate {version}")
    expect(page.locator(".messagelist .success")).to_contain_text(f"{version} is the active version now.")


def draft_activate_and_go_back(page: Page) -> None:
    """What somebody does who changes a prompt and finds that it was better before."""
    page.goto(f"{VERSIONS}?prompt_type__slug__exact=report&state=active")
    page.click("#result_list .field-number a")
    page.click(".object-tools >> text=Load as draft")
    page.fill("[name=template]", f"Be brief.\n\n{page.input_value('[name=template]')}")
    page.fill("[name=manual_note]", "With a reminder")
    page.click("input[type=submit] >> nth=0")
    expect(page.locator(".messagelist .success")).to_contain_text("It is not active yet")
    page.click(".object-tools >> text=Activate")
    expect(page.locator(".difference .insert")).to_have_count(2)
    expect(page.locator(".difference .delete")).to_have_count(0)
    page.go_back()
    name = page.locator("#content h1").inner_text()
    activate(page, name)
    page.goto(f"{VERSIONS}?prompt_type__slug__exact=report")
    page.get_by_role("link", name="Version 1", exact=True).click()
    activate(page, "Version 1")


def test_a_prompt_is_changed_and_changed_back_without_scripts(browser: Any, installation: Installation) -> None:
    context = browser.new_context(base_url=str(installation.http.base_url), java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("input[name=username]", USERNAME)
    page.fill("input[name=password]", PASSWORD)
    page.click("input[type=submit]")
    draft_activate_and_go_back(page)
    context.close()


def test_a_version_is_tested_and_shows_the_result(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.goto(f"{VERSIONS}?prompt_type__slug__exact=ocr_extraction")
    window.page.click("#result_list .field-number a >> text=Version 2")
    window.page.click(".object-tools >> text=Test")
    window.page.fill("textarea", "Invoice 7")
    window.page.click("text=Send the test")
    expect(window.page.locator(".messagelist .success")).to_contain_text("The test was sent.")
    window.page.click(".facts >> text=Version 2")
    expect(window.page.locator(".result tbody tr >> nth=0")).to_contain_text("AC-12")


def test_a_template_that_can_not_be_used_is_told_at_its_field(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.goto(f"{VERSIONS}add/?prompt_type=ocr_extraction")
    window.page.fill("[name=template]", "Read this.")
    window.page.click("text=Save as a new version")
    window.picture("version-refused")
    expect(window.page.locator(".field-template .errorlist")).to_contain_text("{{ocr_text}}")
    expect(window.page.locator("[name=template]")).to_have_value("Read this.")
