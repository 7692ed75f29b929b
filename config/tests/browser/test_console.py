"""The console in a real browser: every page in every language and theme, under our content security policy."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import expect

from config.tests.e2e.installation import Installation

pytestmark = pytest.mark.serial

#: The themes differ in colours alone, which only a person can judge.
THEMES = ("light", "dark") if "SCREENSHOTS" in os.environ else ("light",)
LIST = "/admin/prompts/promptrequest/"
VERSIONS = "/admin/prompts/promptversion/"


def request_id(installation: Installation, text: str) -> str:
    """Of the request that was sent with a text that begins so, not with a version."""
    query = "SELECT id FROM prompt_requests WHERE version_id IS NULL AND prompt_text LIKE %s"
    ((identifier,),) = installation.sql(query, f"{text}%")
    return str(identifier)


def pages(installation: Installation) -> dict[str, str]:
    """Every kind of page, by the name of its picture."""
    ((response,),) = installation.sql("SELECT id FROM prompt_responses ORDER BY id LIMIT 1")
    ((kind,),) = installation.sql("SELECT id FROM prompt_types WHERE slug = 'text'")
    ((user,),) = installation.sql("SELECT id FROM users")
    return {
        "index": "/admin/",
        "requests": LIST,
        "requests-filtered": f"{LIST}?status__exact=completed&user__exact={user}",
        "requests-search": f"{LIST}?q=Try",
        "request-completed": f"{LIST}{request_id(installation, 'لخّص')}/change/",
        "request-thai": f"{LIST}{request_id(installation, 'ช่วย')}/change/",
        "request-retried": f"{LIST}{request_id(installation, 'Try hard')}/change/",
        "request-failed": f"{LIST}{request_id(installation, 'Try in vain')}/change/",
        "request-cancelled": f"{LIST}{request_id(installation, 'Later.')}/change/",
        "request-pending": f"{LIST}{request_id(installation, 'Later, really')}/change/",
        "request-cancel": f"{LIST}{request_id(installation, 'Later, really')}/cancel/",
        "request-replay": f"{LIST}{request_id(installation, 'Try in vain')}/replay/",
        "responses": "/admin/prompts/promptresponse/",
        "response": f"/admin/prompts/promptresponse/{response}/change/",
        "types": "/admin/prompts/prompttype/",
        "type": f"/admin/prompts/prompttype/{kind}/change/",
        "type-add": "/admin/prompts/prompttype/add/",
        **version_pages(installation),
        "users": "/admin/system/user/",
        "user": f"/admin/system/user/{user}/change/",
        "password": "/admin/password_change/",
        "api-docs": "/api/docs/",
        "api-redoc": "/api/redoc/",
        "api-browsable": "/api/ai/prompts/",
    }


def version_pages(installation: Installation) -> dict[str, str]:
    """The pages about versions: of the active one, a tested one, one that is not English, and a deleted one."""
    rows = installation.sql("SELECT prompt_type, version_number, id FROM prompt_versions")
    key = {(kind, number): identifier for kind, number, identifier in rows}
    active, tested = key["ocr_extraction", 1], key["ocr_extraction", 2]
    deleted, foreign = key["text", 2], key["text", 3]
    return {
        "versions": VERSIONS,
        "versions-filtered": f"{VERSIONS}?prompt_type__slug__exact=text&state=any",
        "version-active": f"{VERSIONS}{active}/change/",
        "version-tested": f"{VERSIONS}{tested}/change/",
        "version-foreign": f"{VERSIONS}{foreign}/change/",
        "version-deleted": f"{VERSIONS}{deleted}/change/",
        "version-activate": f"{VERSIONS}{tested}/activate/",
        "version-activate-foreign": f"{VERSIONS}{foreign}/activate/",
        "version-test": f"{VERSIONS}{tested}/test/",
        "version-test-two": f"{VERSIONS}{foreign}/test/",
        "version-note": f"{VERSIONS}{tested}/note/",
        "version-delete": f"{VERSIONS}{tested}/delete/",
        "version-add": f"{VERSIONS}add/?prompt_type=ocr_extraction",
        "version-draft": f"{VERSIONS}add/?from={tested}",
        "requests-of-version": f"{LIST}?version={tested}",
        "request-sandbox": f"{LIST}{request_of(installation, tested)}/change/",
        "request-deleted-version": f"{LIST}{request_of(installation, deleted)}/change/",
    }


def request_of(installation: Installation, version: int) -> str:
    query = "SELECT id FROM prompt_requests WHERE version_id = %s ORDER BY created_at LIMIT 1"
    ((identifier,),) = installation.sql(query, version)
    return str(identifier)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", ["en", "th", "ar"])
def test_every_page_works_in_every_language_and_theme(
    console: Any, installation: Installation, language: str, theme: str
) -> None:
    window = console(language, theme)
    window.sign_in()
    for name, path in pages(installation).items():
        window.visit(path, name)
        if path.startswith("/admin/"):
            direction = "rtl" if language == "ar" else "ltr"
            expect(window.page.locator("html")).to_have_attribute("dir", direction)


def test_a_reader_finds_a_request_and_switches_the_language(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.click("a[href='/admin/prompts/promptrequest/'] >> nth=0")
    window.page.fill("#searchbar", "vain")
    window.page.press("#searchbar", "Enter")
    window.page.click("#result_list .field-identifier a")
    expect(window.page.locator(".failure")).to_contain_text("auth")
    window.page.click("button[name=language][value=ar]")
    expect(window.page.locator("html")).to_have_attribute("dir", "rtl")
    expect(window.page.locator("h2", has_text="الإجابة")).to_be_visible()


def test_a_user_is_found_by_typing(console: Any) -> None:
    window = console()
    window.sign_in()
    window.page.goto(LIST)
    window.page.click(".autocomplete-filter .select2-selection")
    window.page.fill(".select2-search__field", "own")
    window.page.click(".select2-results__option >> text=owner")
    window.page.click(".autocomplete-filter button")
    assert "user__exact=" in window.page.url


def test_the_buttons_replay_and_cancel(console: Any, installation: Installation) -> None:
    later = installation.ask(model="simulator/default", prompt_text="At the end.", run_at="2099-01-01T00:00:00Z")
    page = f"{LIST}{later.json()['id']}/change/"
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


@pytest.mark.parametrize("language", ["en", "th", "ar"])
def test_all_columns_of_the_requests_fit_a_small_laptop(console: Any, language: str) -> None:
    window = console(language)
    window.sign_in()
    window.visit(LIST, "requests-fit")
    hidden = "(list) => list.scrollWidth - list.clientWidth"
    assert window.page.locator("#changelist .results").evaluate(hidden) <= 0


def test_what_a_model_answers_stays_text(console: Any, installation: Installation) -> None:
    window = console()
    window.sign_in()
    window.page.goto(f"{LIST}{request_id(installation, 'لخّص')}/change/")
    expect(window.page.locator(".long-text >> nth=1")).to_contain_text("<b>table 4</b>")


def test_a_narrow_screen_scrolls_only_inside_the_list(console: Any) -> None:
    window = console("ar", "dark")
    window.sign_in()
    window.page.set_viewport_size({"width": 390, "height": 844})
    window.visit(LIST, "requests-narrow")
    width = window.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
