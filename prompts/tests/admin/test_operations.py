"""The page of operations: who may see it, what it says, and retrying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prompts.models import PromptRequest, PromptType, WorkerSign
from prompts.services import execution, presence, recording
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.factories import failed, make_request, make_user

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/operations/"
RETRY = "/admin/operations/retry/"


@pytest.fixture
def worker() -> None:
    presence.sign("w1@host", slots=500, running=3)


def make_failed(error_class: str = "auth", **values: Any) -> PromptRequest:
    request = make_request(**values)
    recording.record([failed(claim, error_class) for claim in execution.claim(100, worker="w1")])
    return request


def text_of(client: Client, address: str = PAGE, **options: Any) -> str:
    answer = client.get(address, **options)
    assert answer.status_code == 200
    return answer.content.decode()


# --- Who --------------------------------------------------------------------------------------------

OTHERS: dict[str, Callable[[], Client]] = {
    "plain staff": lambda: signed_in(make_staff()),
    "a viewer": lambda: signed_in(
        make_staff("prompts.view_promptrequest", "prompts.view_promptversion", "prompts.view_prompttype")
    ),
    "an editor": lambda: signed_in(make_staff("prompts.view_promptversion", "prompts.write_promptversion")),
    "an auditor": lambda: signed_in(make_staff("audit.view_auditentry")),
}


@pytest.mark.parametrize("who", OTHERS)
def test_others_of_the_staff_are_refused(who: str) -> None:
    request = make_failed()
    client = OTHERS[who]()
    assert client.get(PAGE).status_code == 403
    assert client.post(RETRY, {"ids": [str(request.pk)]}).status_code == 403
    assert not request.replays.exists()


@pytest.mark.parametrize("client", [Client(), "user"], ids=["anonymous", "no staff"])
def test_who_is_not_of_the_staff_is_sent_to_sign_in(client: Any) -> None:
    client = signed_in(make_user()) if client == "user" else client
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    assert client.post(RETRY)["Location"].startswith("/admin/login/")


def test_retrying_takes_a_post(manager_page: Client) -> None:
    assert manager_page.get(RETRY).status_code == 405


def test_retrying_takes_the_token_of_the_form(manager: Any) -> None:
    assert signed_in(manager, enforce_csrf_checks=True).post(RETRY).status_code == 403


# --- What it says -----------------------------------------------------------------------------------


def test_where_nothing_is_wrong_it_says_so(manager_page: Client, worker: None) -> None:
    page = text_of(manager_page)
    assert "All is well" in page
    assert "w1@host" in page


def test_without_a_worker_it_says_what_that_means_and_what_to_do(manager_page: Client) -> None:
    page = text_of(manager_page)
    assert "All is well" not in page
    assert "No worker runs" in page
    assert "make run" in page


def test_a_worker_that_vanished_is_told(manager_page: Client, worker: None) -> None:
    WorkerSign.objects.update(seen_at=F("seen_at") - timedelta(minutes=2))
    assert "The worker w1@host has shown no sign of life for 2 min" in text_of(manager_page)


def test_a_queue_that_stands_still_is_told(manager_page: Client, worker: None) -> None:
    request = make_request()
    PromptRequest.objects.filter(pk=request.pk).update(next_attempt_at=F("created_at") - timedelta(minutes=20))
    assert "waiting for a worker for 20 min" in text_of(manager_page)


def test_requests_that_wait_while_all_slots_are_in_use_are_told(manager_page: Client) -> None:
    presence.sign("w1", slots=3, running=3)
    make_request()
    assert "All 3 slots are in use" in text_of(manager_page)


def test_a_model_that_can_not_be_asked_is_told(manager_page: Client, worker: None, settings: Any) -> None:
    PromptType.objects.filter(slug="text").update(default_model="gone/model")
    page = text_of(manager_page)
    assert "gone/model as its default model" in page
    assert "The provider gone is not configured" in page


def test_a_provider_that_fails_often_is_told_with_what_to_do(manager_page: Client, worker: None) -> None:
    for _ in range(5):
        make_failed("auth")
    page = text_of(manager_page)
    assert "of the requests to simulator have failed" in page
    assert "refuses the key" in page


def test_a_single_failure_is_no_alarm(manager_page: Client, worker: None) -> None:
    make_failed("auth")
    assert "All is well" in text_of(manager_page)


def test_what_refreshes_by_itself_is_a_piece_of_the_page(manager_page: Client, worker: None) -> None:
    make_failed()
    piece = text_of(manager_page, headers={"HX-Request": "true"})
    assert "All is well" in piece
    assert "<html" not in piece
    assert "csrfmiddlewaretoken" not in piece


def test_in_no_language_does_it_break(manager_page: Client) -> None:
    make_failed()
    for language in ("th", "ar"):
        assert f'lang="{language}"' in text_of(manager_page, headers={"Accept-Language": language})


@pytest.mark.parametrize(
    "query", ["window=x", "window=%00", "error_class=%00a", "model='", "rows=-1", "rows=all&window=7d&model=a%2Fb"]
)
def test_any_address_is_answered(manager_page: Client, query: str) -> None:
    make_failed()
    text_of(manager_page, f"{PAGE}?{query}")


# --- Failed requests --------------------------------------------------------------------------------


def test_failed_requests_are_shown_by_class_and_model(manager_page: Client) -> None:
    first, second = make_failed("auth"), make_failed("bad_request")
    page = text_of(manager_page, f"{PAGE}?error_class=auth&model=simulator/default")
    assert f'value="{first.pk}"' in page
    assert f'value="{second.pk}"' not in page


def test_chosen_requests_are_sent_again_with_one_click(manager_page: Client) -> None:
    chosen, left = [make_failed(), make_failed()], make_failed()
    answer = manager_page.post(RETRY, {"ids": [str(request.pk) for request in chosen]}, follow=True)
    assert "2 requests were sent again." in answer.content.decode()
    assert {replay.replay_of for replay in PromptRequest.objects.exclude(replay_of=None)} == set(chosen)
    assert not left.replays.exists()


def test_what_could_not_be_sent_is_told_with_the_reason(manager_page: Client) -> None:
    request = make_failed()
    manager_page.post(RETRY, {"ids": [str(request.pk)]})
    answer = manager_page.post(RETRY, {"ids": [str(request.pk)]}, follow=True)
    assert "1 was not: It was sent again already." in answer.content.decode()


def test_what_was_sent_again_can_not_be_chosen_any_more(manager_page: Client) -> None:
    request = make_failed()
    manager_page.post(RETRY, {"ids": [str(request.pk)]})
    page = text_of(manager_page)
    assert f'value="{request.pk}" aria-label="Choose request {request.pk}" disabled' in page
    assert f"/admin/prompts/promptrequest/{request.replays.get().pk}/change/" in page


def test_after_retrying_the_same_choice_is_shown_from_its_top_where_the_result_stands(manager_page: Client) -> None:
    request = make_failed()
    chosen = {"ids": [str(request.pk)], "window": "7d", "error_class": "auth", "model": "simulator/default"}
    address = manager_page.post(RETRY, chosen)["Location"]
    assert address == f"{PAGE}?window=7d&error_class=auth&model=simulator%2Fdefault"


@pytest.mark.parametrize("ids", [[], ["x"], ["\0"]])
def test_where_nothing_was_chosen_it_says_so(manager_page: Client, ids: list[str]) -> None:
    assert "Nothing was chosen." in manager_page.post(RETRY, {"ids": ids}, follow=True).content.decode()


def test_texts_of_vendors_are_escaped(manager_page: Client) -> None:
    request = make_request()
    recording.record([failed(claim, "auth") for claim in execution.claim(1, worker="w1")])
    PromptRequest.objects.filter(pk=request.pk).update(error_message="<script>alert(1)</script>")
    assert "<script>alert" not in text_of(manager_page)


def test_the_number_of_queries_does_not_grow(manager_page: Client, worker: None) -> None:
    make_failed()
    text_of(manager_page)
    with CaptureQueriesContext(
        connection,
    ) as few:
        text_of(manager_page)
    for number in range(20):
        make_failed(f"class_{number}", model=f"provider{number}/model")
        presence.sign(f"w{number}", slots=10, running=0)
        make_request(prompt_type_id="code")
    with CaptureQueriesContext(connection) as many:
        text_of(manager_page)
    assert len(many) == len(few) <= 16
