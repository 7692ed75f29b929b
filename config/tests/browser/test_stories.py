"""What people come to the console for, from the first click to the last. What can be named by its role, is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from config.tests.browser.conftest import READER
from config.tests.browser.pages import request_id
from config.tests.e2e.installation import Installation

pytestmark = pytest.mark.serial

DRAFT = "Read this and answer with one JSON object.\n{{ocr_text}}"
#: What the scheduler and a worker do every minute.
SEAL = """
from audit.services import sealing as log
from prompts.services.sealing import seal_answers
seal_answers()
log.seal()
log.checkpoint(at_once=True)
"""


def go_to(page: Page, place: str) -> None:
    """Through the header, as from every page."""
    page.get_by_role("navigation", name="Main places").get_by_role("link", name=place, exact=True).click()


def write_a_version(page: Page) -> str:
    """A draft that is looked at while it is typed, saved; its name."""
    template = page.get_by_label("Template:")
    # Nobody listens yet to what is typed before.
    page.wait_for_load_state()
    template.fill("Read this.")
    placeholders = page.get_by_role("list", name="Placeholders")
    expect(placeholders).to_contain_text("is missing")
    template.fill(DRAFT)
    expect(placeholders).to_contain_text("is there")
    page.get_by_label("Note:", exact=True).fill("Shorter")
    save = page.get_by_role("button", name="Save as Version")
    name = save.inner_text().removeprefix("Save as ")
    save.click()
    expect(page.locator(".messagelist .success")).to_contain_text("It is not active yet")
    return name


def try_beside_the_active_one(page: Page) -> None:
    """Both answers come in by themselves, and are compared."""
    page.get_by_label("Beside it").select_option(label="Version 1 (active)")
    page.get_by_label("{{ocr_text}}").fill("TAX INVOICE AC-12")
    page.get_by_role("button", name="Try it out").click()
    answers = page.get_by_role("article")
    expect(answers).to_have_count(2)
    for number in range(2):
        expect(answers.nth(number).get_by_role("status").first).to_contain_text("Completed")
    expect(page.get_by_role("heading", name="The two answers beside each other")).to_be_visible()


def activate(page: Page, version: str) -> None:
    """From the page that shows what it changes."""
    expect(page.get_by_role("heading", name=f"Last test of {version}")).to_be_visible()
    expect(page.locator(".difference .insert").first).to_be_visible()
    page.get_by_role("button", name=f"Activate {version}").click()
    expect(page.locator(".messagelist .success")).to_contain_text(f"{version} is the active version now.")


def test_a_prompt_is_written_tried_compared_activated_and_rolled_back(page: Page) -> None:
    go_to(page, "Workbench")
    page.get_by_role("link", name="ocr_extraction", exact=True).click()
    version = write_a_version(page)
    try_beside_the_active_one(page)
    page.get_by_role("link", name=f"Activate {version}").first.click()
    activate(page, version)
    page.get_by_role("link", name="Activate Version 1", exact=True).first.click()
    activate(page, "Version 1")
    expect(page.locator("main")).to_contain_text("Requests use Version 1")


def test_a_request_is_found_by_a_word_of_its_answer_and_proved(page: Page, installation: Installation) -> None:
    installation.manage("shell", "--no-imports", "--command", SEAL)
    go_to(page, "Requests")
    page.get_by_role("searchbox", name="Search").fill("ยอดขายเพิ่มขึ้นร้อยละ")
    page.get_by_role("button", name="Search").click()
    page.locator("#result_list").get_by_role("link", name=request_id(installation, "لخّص")[-8:]).click()
    page.get_by_role("link", name="Prove").click()
    expect(page.get_by_role("status")).to_contain_text("Proven")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the proof").click()
    assert download.value.suggested_filename.startswith("proof-")


def test_arabic_stays_with_the_account_when_its_user_comes_back(console: Callable[..., Any]) -> None:
    first = console()
    first.sign_in(READER)
    first.page.get_by_role("button", name="العربيّة").click()
    expect(first.page.locator("html")).to_have_attribute("dir", "rtl")
    first.page.get_by_text(READER).click()
    first.page.locator(".account button").click()
    elsewhere = console("en")
    elsewhere.sign_in(READER)
    expect(elsewhere.page.locator("html")).to_have_attribute("lang", "ar")
    elsewhere.page.get_by_role("navigation").get_by_role("link", name="الطلبات", exact=True).click()
    expect(elsewhere.page.locator("html")).to_have_attribute("dir", "rtl")
    # What machines write runs as it always does.
    expect(elsewhere.page.locator("#result_list .field-identifier [dir=ltr]").first).to_be_visible()


def test_a_token_is_made_used_and_revoked(page: Page, installation: Installation) -> None:
    page.get_by_role("group").filter(has_text="Your account").locator("summary").click()
    page.get_by_role("link", name="My API tokens").click()
    page.get_by_role("link", name="Add API token").click()
    page.get_by_label("Name").fill("A story")
    page.get_by_role("button", name="Create the token").click()
    token = page.get_by_label("Token “A story”").input_value()
    assert status_with(installation, token) == 200
    page.get_by_role("link", name="I have copied it").click()
    expect(page.locator("main")).not_to_contain_text(token)
    page.get_by_role("link", name="A story").click()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke").click()
    assert status_with(installation, token) == 401


def status_with(installation: Installation, token: str) -> int:
    """What the API answers a program that has the token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(f"{installation.http.base_url}/api/ai/prompts/", headers=headers).status_code
