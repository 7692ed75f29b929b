"""Documents in a real browser: from files to results that appear by themselves, on every screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from config.tests.browser.documents import BROKEN, RECEIPT
from config.tests.browser.pages import one
from config.tests.e2e.installation import Installation

pytestmark = pytest.mark.serial

BATCHES = "/admin/documents/batch/"


def files(*names: str) -> list[dict[str, Any]]:
    """Files as a person chooses them."""
    made = [{"name": name, "mimeType": "text/plain", "buffer": f"{RECEIPT}{name}".encode()} for name in names]
    return [*made, {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": BROKEN.encode()}]


def start_batch(page: Page, version: str) -> None:
    page.goto(f"{BATCHES}add/")
    page.select_option("[name=prompt_type]", "ocr_extraction")
    page.fill("[name=version_number]", version)
    page.set_input_files("[name=uploads]", files("one.txt", "two.txt"))  # type: ignore[arg-type]
    page.click("input[type=submit]")
    expect(page.locator(".messagelist .success")).to_contain_text("3 documents")


def test_results_appear_without_a_reload(console: Any, installation: Installation) -> None:
    window = console()
    window.sign_in()
    start_batch(window.page, "2")
    window.page.evaluate("window.isStillThere = true")
    expect(window.page.locator(".badge-finished")).to_be_visible(timeout=60_000)
    assert window.page.evaluate("window.isStillThere") is True
    rows = window.page.locator(".batch-results tbody tr")
    expect(rows.nth(0)).to_contain_text("AC-12")
    expect(rows.nth(0).locator(".missing")).to_have_count(1)
    expect(rows.nth(2)).to_contain_text("The file is damaged or incomplete.")
    window.page.click("text=one.txt")
    expect(window.page.locator(".document-page")).to_contain_text("TAX INVOICE")
    expect(window.page.locator(".result")).to_contain_text("AC-12")


def test_a_batch_is_paused_and_goes_on_with_a_click_each(console: Any, filled: Installation) -> None:
    paused = one(filled, "SELECT id FROM document_batches WHERE state = 'paused' ORDER BY id DESC")
    window = console()
    window.sign_in()
    window.page.goto(f"{BATCHES}{paused}/change/")
    window.page.click("button >> text=Resume")
    expect(window.page.locator(".messagelist .success")).to_contain_text("The batch goes on.")
    expect(window.page.locator(".badge-finished")).to_be_visible(timeout=60_000)
    expect(window.page.locator("button >> text=Resume")).to_have_count(0)


def make_frames_low(route: Route) -> None:
    """Few rows are then enough to scroll. The policy of the page allows no other way to style it."""
    answer = route.fetch()
    route.fulfill(response=answer, body=f"{answer.text()}\n.results-frame {{ max-height: 4rem !important; }}")


def test_what_is_read_stays_in_place_while_results_come_in(console: Any, filled: Installation) -> None:
    window = console()
    window.sign_in()
    window.page.route("**/documents/admin*.css", make_frames_low)
    batch = one(filled, "SELECT id FROM document_batches WHERE state = 'finished' ORDER BY created_at")
    window.page.goto(f"{BATCHES}{batch}/change/")
    frame = window.page.locator(".results-frame")
    frame.evaluate("(frame) => { frame.focus(); frame.scrollTop = 30; }")
    window.page.locator(".batch-results tbody td").first.evaluate("(cell) => { cell.textContent = 'stale'; }")
    window.page.add_script_tag(url="/static/documents/live.js")
    expect(window.page.locator(".batch-results")).not_to_contain_text("stale")
    assert frame.evaluate("(frame) => [frame.scrollTop, frame === document.activeElement]") == [30, True]


def test_a_version_is_tried_on_a_file(console: Any, installation: Installation) -> None:
    window = console()
    window.sign_in()
    window.page.goto("/admin/prompts/promptversion/?prompt_type__slug__exact=ocr_extraction")
    window.page.click("#result_list .field-number a >> text=Version 2")
    window.page.click(".object-tools >> text=Test")
    window.page.set_input_files("input[type=file]", files("trial.txt")[0])
    window.page.click("text=Send the test")
    expect(window.page.locator(".messagelist .success")).to_contain_text("The test was sent.")
    expect(window.page.locator("main")).to_contain_text("trial.txt")
    expect(window.page.locator(".badge-completed")).to_be_visible()


def test_the_results_are_had_as_a_file(console: Any, filled: Installation) -> None:
    window = console()
    window.sign_in()
    batch = one(filled, "SELECT id FROM document_batches WHERE state = 'finished' ORDER BY created_at")
    window.page.goto(f"{BATCHES}{batch}/change/")
    with window.page.expect_download() as download:
        window.page.click("a >> text=CSV")
    assert download.value.suggested_filename.endswith(".csv")
    assert "AC-12" in download.value.path().read_text("utf-8-sig")
