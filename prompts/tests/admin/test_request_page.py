"""The page of one request, and the two things that can be done there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts.models import PromptRequest, PromptType
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.stories import answered, failed_after, paid, run_once
from prompts.tests.factories import failed, make_request

pytestmark = pytest.mark.django_db


def address(request: PromptRequest, action: str = "change") -> str:
    return reverse(f"admin:prompts_promptrequest_{action}", args=[request.pk])


def test_the_page_shows_question_answer_tokens_and_cost(superuser_page: Client) -> None:
    text = superuser_page.get(address(paid("0.00123", purpose="For the books"))).text
    for expected in ("Say hello.", "Paid.", "For the books", "1200", "1000", "80", "0.00123", "req_abc", "2.3 s"):
        assert expected in text


def test_what_a_model_answers_is_never_markup(superuser_page: Client) -> None:
    text = superuser_page.get(address(answered("<script>alert(1)</script>", prompt_text="<img src=x>"))).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text
    assert "<img src=x>" not in text


def test_texts_run_in_the_direction_of_their_own_language(superuser_page: Client) -> None:
    text = superuser_page.get(address(answered("مرحبا", prompt_text="สวัสดี"))).text
    assert '<div class="long-text" dir="auto">สวัสดี</div>' in text
    assert '<div class="long-text" dir="auto">مرحبا</div>' in text


def test_the_timeline_shows_every_attempt_in_order(superuser_page: Client) -> None:
    text = superuser_page.get(address(failed_after(3))).text
    assert text.index("Attempt 1") < text.index("Attempt 2") < text.index("Attempt 3")
    assert text.count("May have been billed") == 2
    for expected in ("timeout", "auth", "HTTP 401", "req_401", "worker@example", "It did not work."):
        assert expected in text


def test_the_page_needs_as_many_queries_for_many_attempts_as_for_one(superuser_page: Client) -> None:
    once, often = failed_after(1), failed_after(4)
    superuser_page.get(address(once))
    counts = []
    for request in (once, often):
        with CaptureQueriesContext(connection) as queries:
            superuser_page.get(address(request))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_parameters_and_metadata_are_shown_as_json(superuser_page: Client) -> None:
    request = make_request(parameters={"temperature": 0.5}, metadata={"team": "บัญชี"})
    text = superuser_page.get(address(request)).text
    assert "&quot;temperature&quot;: 0.5" in text
    assert "&quot;team&quot;: &quot;บัญชี&quot;" in text


def test_a_simulated_answer_is_marked(superuser_page: Client) -> None:
    assert "Simulated" in superuser_page.get(address(answered())).text


def test_a_request_without_an_answer_says_so(superuser_page: Client) -> None:
    assert "There is no answer yet." in superuser_page.get(address(make_request())).text


def test_the_buttons_offer_what_the_state_allows(superuser_page: Client) -> None:
    assert address(pending := make_request(), "cancel") in superuser_page.get(address(pending)).text
    assert address(finished := answered(), "cancel") not in superuser_page.get(address(finished)).text


@pytest.mark.parametrize("identifier", [uuid4(), "no-id", "%00"])
def test_a_request_that_does_not_exist_leads_back_to_the_start(superuser_page: Client, identifier: Any) -> None:
    response = superuser_page.get(f"/admin/prompts/promptrequest/{identifier}/change/")
    assert response.status_code == 302


def test_cancel_ends_the_request_and_says_so(superuser_page: Client) -> None:
    request = make_request()
    page = superuser_page.post(address(request, "cancel"), follow=True)
    request.refresh_from_db()
    assert request.status == "cancelled"
    assert "The request was cancelled." in page.text


def test_cancel_is_remembered_with_who_pressed_it(superuser: Any, superuser_page: Client) -> None:
    request = make_request()
    superuser_page.post(address(request, "cancel"))
    entry = LogEntry.objects.get(object_id=str(request.pk))
    assert (entry.user, entry.get_change_message()) == (superuser, "Changed status.")


def test_cancelling_a_finished_request_shows_the_refusal_and_no_success(superuser_page: Client) -> None:
    request = answered()
    page = superuser_page.post(address(request, "cancel"), follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert "The request is already" in page.text
    assert not LogEntry.objects.exists()


def test_replay_sends_the_same_input_again_for_the_one_who_presses(superuser: Any, superuser_page: Client) -> None:
    original = failed_after(1, prompt_text="Again, please.", purpose="check")
    page = superuser_page.post(address(original, "replay"), follow=True)
    replay = PromptRequest.objects.get(replay_of=original)
    assert (replay.user, replay.prompt_text, replay.purpose) == (superuser, "Again, please.", "check")
    assert page.redirect_chain == [(address(replay), 302)]
    assert str(original.pk) in page.text


def test_replaying_what_can_not_be_sent_any_more_shows_the_refusal(superuser_page: Client) -> None:
    original = answered()
    PromptType.objects.filter(slug="text").update(is_active=False)
    page = superuser_page.post(address(original, "replay"), follow=True)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert not PromptRequest.objects.filter(replay_of=original).exists()


@pytest.mark.parametrize("action", ["cancel", "replay"])
def test_an_action_asks_first(superuser_page: Client, action: str) -> None:
    request = make_request()
    page = superuser_page.get(address(request, action))
    assert "Do you want to" in page.text
    assert address(request) in page.text
    assert [one.status for one in PromptRequest.objects.all()] == ["pending"]


@pytest.mark.parametrize("action", ["cancel", "replay"])
def test_an_onlooker_is_not_asked_about_the_request_of_another(onlooker: Any, action: str) -> None:
    assert signed_in(onlooker).get(address(make_request(), action)).status_code == 404


@pytest.mark.parametrize("action", ["cancel", "replay"])
def test_an_action_is_asked_for_and_sent_in_no_other_way(superuser_page: Client, action: str) -> None:
    assert superuser_page.put(address(make_request(), action)).status_code == 405


def test_the_page_names_the_requests_that_replay_it(superuser_page: Client) -> None:
    original = answered()
    replays = [make_request(replay_of=original) for _number in range(2)]
    text = superuser_page.get(address(original)).text
    assert "Replayed by" in text
    assert all(address(replay) in text for replay in replays)


def test_an_onlooker_is_not_told_who_replays_their_request(onlooker: Any) -> None:
    original = make_request(onlooker)
    make_request(replay_of=original)
    assert "Replayed by" not in signed_in(onlooker).get(address(original)).text


def test_while_a_retry_is_pending_its_time_is_shown(superuser_page: Client) -> None:
    request = run_once(make_request(), failed, "timeout")
    text = superuser_page.get(address(request)).text
    assert "Next attempt" in text
    assert f"{request.next_attempt_at:%H:%M:%S} UTC" in text


def test_a_request_that_was_never_tried_shows_no_next_attempt(superuser_page: Client) -> None:
    assert "Next attempt" not in superuser_page.get(address(make_request())).text


def test_of_a_text_too_long_for_a_page_the_beginning_is_shown_and_where_the_rest_is(superuser_page: Client) -> None:
    request = answered("a" * 100_001, prompt_text="b" * 100_001)
    text = superuser_page.get(address(request)).text
    assert ("a" * 100_000 in text, "a" * 100_001 in text) == (True, False)
    assert ("b" * 100_000 in text, "b" * 100_001 in text) == (True, False)
    assert text.count("These are the first 100,000 of 100,001 characters.") == 2
    assert superuser_page.get(f"/api/ai/prompts/{request.pk}?format=json").json()["prompt_text"] == "b" * 100_001
    assert f'href="/api/ai/prompts/{request.pk}?format=json"' in text


def test_a_text_that_fits_is_shown_without_a_note(superuser_page: Client) -> None:
    assert "These are the first" not in superuser_page.get(address(answered("a" * 100_000))).text


@pytest.mark.parametrize("action", ["cancel", "replay"])
def test_an_action_needs_the_csrf_token(superuser: Any, action: str) -> None:
    request = make_request()
    assert signed_in(superuser, enforce_csrf_checks=True).post(address(request, action)).status_code == 403
    assert PromptRequest.objects.get().status == "pending"


@pytest.mark.parametrize("action", ["cancel", "replay"])
def test_an_action_needs_a_sign_in(client: Client, action: str) -> None:
    response: Any = client.post(address(make_request(), action))
    assert "/admin/login/" in response.url
    assert PromptRequest.objects.get().status == "pending"


@pytest.mark.parametrize("action", ["cancel", "replay"])
def test_an_onlooker_can_not_act_on_the_request_of_another(onlooker: Any, action: str) -> None:
    assert signed_in(onlooker).post(address(make_request(), action)).status_code == 404
    assert PromptRequest.objects.get().status == "pending"


def test_an_onlooker_does_not_reach_the_page_of_another(onlooker: Any) -> None:
    request = make_request(prompt_text="Confidential.")
    page = signed_in(onlooker).get(address(request), follow=True)
    assert "Confidential." not in page.text


@pytest.mark.parametrize("action", ["cancel", "replay"])
def test_staff_who_may_not_look_can_not_act_on_their_own_requests_here(db: None, action: str) -> None:
    staff = make_staff("prompts.view_prompttype")
    request = make_request(staff)
    assert signed_in(staff).post(address(request, action)).status_code == 404
