"""Requests in a real browser: found, read, replayed and cancelled."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from config.tests.browser.pages import REQUESTS, request_id
from config.tests.e2e.installation import Installation

pytestmark = pytest.mark.serial


def test_the_failure_of_a_request_is_found_by_a_word_of_its_prompt(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.goto(REQUESTS)
    window.page.fill("#searchbar", "vain")
    window.page.press("#searchbar", "Enter")
    window.page.click("#result_list .field-identifier a")
    expect(window.page.locator(".failure")).to_contain_text("auth")


def test_a_user_is_found_by_typing(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.goto(REQUESTS)
    window.page.click(".autocomplete-filter .select2-selection")
    window.page.fill(".select2-search__field", "own")
    window.page.click(".select2-results__option >> text=owner")
    window.page.click(".autocomplete-filter button")
    assert "user__exact=" in window.page.url


def test_the_buttons_replay_and_cancel(console: Any, installation: Installation) -> None:
    later = installation.ask(model="simulator/default", prompt_text="At the end.", run_at="2099-01-01T00:00:00Z")
    page = f"{REQUESTS}{later.json()['id']}/change/"
    window = console()
    window.sign_in()
    window.page.goto(page)
    window.page.click("text=Cancel the request")
    window.page.click("button.confirm")
    expect(window.page.locator(".messagelist .success")).to_contain_text("cancelled")
    window.page.click("text=Replay")
    window.page.click("button.confirm")
    expect(window.page.locator(".messagelist .success")).to_contain_text("replayed")
    assert page not in window.page.url


def test_what_a_model_answers_stays_text(console: Any, installation: Installation) -> None:
    window = console()
    window.sign_in()
    window.page.goto(f"{REQUESTS}{request_id(installation, 'لخّص')}/change/")
    expect(window.page.locator(".long-text >> nth=1")).to_contain_text("<b>table 4</b>")
