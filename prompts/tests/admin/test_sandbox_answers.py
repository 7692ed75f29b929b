"""The answers of the sandbox: while they come, when they are there, and what can be done with them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from prompts.models import PromptAttempt, PromptRequest
from prompts.partials import Growing, read
from prompts.services import execution, lifecycle, submission
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.sandboxes import HTMX, address, answered, editor, editor_page, tried, workbench
from prompts.tests.admin.stories import LONG_AGO, run_once
from prompts.tests.factories import failed, make_user, make_version

__all__ = ["editor", "editor_page"]
pytestmark = pytest.mark.django_db


def claim(test: PromptRequest) -> Any:
    PromptRequest.objects.filter(pk=test.pk).update(next_attempt_at=LONG_AGO)
    (found,) = execution.claim(1, worker="w")
    return found


def test_what_there_is_so_far_is_shown_as_unfinished(editor: Any, editor_page: Client) -> None:
    test = tried(editor)
    held = claim(test)
    Growing(test.pk, held.token).add("Once upon <b>a time")
    ends = time.monotonic() + 5
    while not read(test.pk, held.token):
        assert time.monotonic() < ends
    shown = editor_page.get(address(test))
    assert "Once upon &lt;b&gt;a time" in shown.text
    assert "This is not finished yet." in shown.text
    assert 'hx-trigger="every 700ms"' in shown.text


def test_what_another_attempt_had_is_not_shown(editor: Any, editor_page: Client) -> None:
    test = tried(editor)
    held = claim(test)
    Growing(test.pk, held.token - 1).add("Outdated")
    assert "Outdated" not in editor_page.get(address(test)).text


def test_the_status_is_told_only_when_it_has_changed(editor: Any, editor_page: Client) -> None:
    test = tried(editor)
    waiting = editor_page.get(address(test))
    assert 'id="answer-left-status"' in waiting.text
    assert "It waits for a worker." in waiting.text
    assert "answer-left-status" not in editor_page.get(address(test, was="pending-0-0")).text
    claim(test)
    running = editor_page.get(address(test, was="pending-0-0"))
    assert 'id="answer-left-status"' in running.text
    assert "The model is at work." in running.text


def test_one_that_is_tried_again_says_why(editor: Any, editor_page: Client) -> None:
    test = run_once(tried(editor), failed, "overloaded")
    shown = editor_page.get(address(test)).text
    assert "Another attempt follows." in shown
    assert "The provider is overloaded." in shown


def test_an_answer_that_is_there_takes_the_place_of_all_and_ends_the_asking(editor: Any, editor_page: Client) -> None:
    shown = editor_page.get(address(answered(editor, "Hello <script>."), side="right"))
    assert "Hello &lt;script&gt;." in shown.text
    assert "every 700ms" not in shown.text
    headers = {name: shown.headers[name] for name in ("HX-Retarget", "HX-Reswap", "HX-Trigger")}
    assert headers == {
        "HX-Retarget": "#answer-right-body",
        "HX-Reswap": "innerHTML",
        "HX-Trigger": '{"sandbox-ended": {}}',
    }


def test_a_failed_test_is_sent_again_in_the_same_place(editor: Any, editor_page: Client) -> None:
    first, second = run_once(tried(editor), failed, "auth"), answered(editor, "Yes.")
    sent = {"side": "left", "shown-left": str(first.pk), "shown-right": str(second.pk)}
    shown = editor_page.post(address(first, "again/"), sent, headers=HTMX)
    again = PromptRequest.objects.get(replay_of=first)
    assert shown.headers["HX-Replace-Url"] == f"{workbench()}?left={again.pk}&right={second.pk}"
    assert [column.request for column in shown.context["columns"]] == [again, second]


def test_a_running_test_is_cancelled(editor: Any, editor_page: Client) -> None:
    test = tried(editor)
    claim(test)
    shown = editor_page.post(address(test, "cancel/"), {"side": "left"}, headers=HTMX)
    test.refresh_from_db()
    assert (test.status, PromptAttempt.objects.get().outcome) == ("cancelled", "superseded")
    assert "There is no answer." in shown.text


def test_one_that_ended_before_it_was_cancelled_shows_its_answer(editor: Any, editor_page: Client) -> None:
    shown = editor_page.post(address(answered(editor, "Quick."), "cancel/"), {"side": "left"}, headers=HTMX)
    assert "Quick." in shown.text


def test_a_note_on_the_version_is_saved(editor: Any, editor_page: Client) -> None:
    version = make_version()
    test = answered(editor, "Good.", version)
    assert editor_page.post(address(test, "note/"), {"manual_note": "Works.\r\nWell."}).text == "The note was saved."
    version.refresh_from_db()
    assert version.manual_note == "Works.\nWell."
    assert "at most 2" in editor_page.post(address(test, "note/"), {"manual_note": "x" * 3000}).text


def test_a_draft_and_a_deleted_version_take_no_note(editor: Any, editor_page: Client) -> None:
    version = make_version()
    test = answered(editor, "Good.", version)
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    for one in (test, answered(editor, "Good.")):
        assert "answer-note" not in editor_page.get(address(one)).text
        assert editor_page.post(address(one, "note/"), {"manual_note": "x"}).status_code == 404


@pytest.mark.parametrize("action", ["", "cancel/", "again/", "note/"])
def test_the_tests_of_others_are_not_there(action: str, editor_page: Client) -> None:
    test = answered(make_user(), "Secret.", make_version())
    method = editor_page.post if action else editor_page.get
    assert method(address(test, action)).status_code == 404
    assert "Secret." not in editor_page.get(f"{workbench()}?left={test.pk}").text
    manager = signed_in(make_staff("system.manage_all"))
    assert (manager.post if action else manager.get)(address(test, action), {"side": "left"}).status_code == 200


@pytest.mark.parametrize("action", ["", "cancel/", "again/", "note/"])
def test_only_who_writes_versions_gets_them(action: str, client: Client) -> None:
    for user, status in [
        (None, 302),
        (make_user(), 302),
        (make_staff(), 403),
        (make_staff("prompts.view_promptversion", "prompts.view_promptrequest"), 403),
    ]:
        browser = signed_in(user) if user else client
        test = tried(user or make_user())
        assert (browser.post if action else browser.get)(address(test, action)).status_code == status
        assert browser.get(f"{workbench()}comparison/").status_code == status


def test_ordinary_requests_and_those_of_other_types_are_no_tests(editor: Any, editor_page: Client) -> None:
    ordinary = submission.submit(user=editor, prompt_type="text", prompt_text="x", model="simulator/default")
    assert editor_page.get(address(ordinary)).status_code == 404
    test = tried(editor)
    assert editor_page.get(address(test).replace(workbench(), workbench("code"))).status_code == 404
    assert editor_page.get(address(test, side="middle")).status_code == 404


@pytest.mark.parametrize("asked", ["left=x", "left=&right=", "left=%00", "left=019a0000-0000-7000-8000-000000000001"])
def test_an_address_that_names_no_test_shows_none(asked: str, editor_page: Client) -> None:
    shown = editor_page.get(f"{workbench()}?{asked}")
    assert (shown.status_code, shown.context["answers"]) == (200, [])


def test_asking_how_far_a_test_is_costs_few_queries(
    editor: Any, editor_page: Client, django_assert_max_num_queries: Any
) -> None:
    test = tried(editor, make_version())
    claim(test)
    there = address(test)
    with django_assert_max_num_queries(6):
        editor_page.get(there)
