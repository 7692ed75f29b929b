"""The list of requests: what it shows, finds and hides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from prompts.admin.pagination import BoundedPaginator
from prompts.models import PromptRequest
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.stories import answered, failed_after, paid
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db

LIST = "admin:prompts_promptrequest_changelist"


def shown(page: Client, **query: Any) -> set[PromptRequest]:
    """The requests that the list shows."""
    return set(page.get(reverse(LIST), query).context["cl"].result_list)


def test_a_row_tells_status_attempts_duration_and_cost_in_words(superuser_page: Client) -> None:
    paid("0.001230000", model="simulator/paid", purpose="For the books")
    text = superuser_page.get(reverse(LIST)).text
    for expected in ("Completed", "For the books", "simulator/paid", "2.3 s", "0.00123", "Simulated"):
        assert expected in text


def test_an_unknown_price_is_not_shown_as_zero(superuser_page: Client) -> None:
    answered()
    text = superuser_page.get(reverse(LIST)).text
    assert '<td class="field-duration_and_cost">120 ms</td>' in text


def test_a_row_shows_the_beginning_of_the_prompt(superuser_page: Client) -> None:
    make_request(prompt_text="Summarise. " + "x" * 100)
    text = superuser_page.get(reverse(LIST)).text
    assert f"Summarise. {'x' * 49}…" in text
    assert "x" * 50 not in text


def test_a_row_tells_what_went_wrong_and_how_often_it_was_tried(superuser_page: Client) -> None:
    failed_after(3)
    text = superuser_page.get(reverse(LIST)).text
    assert "auth</code>" in text
    assert "Attempts: 3" in text


def test_a_row_does_not_count_a_single_attempt(superuser_page: Client) -> None:
    answered()
    assert "Attempts:" not in superuser_page.get(reverse(LIST)).text


DATES = [("en", "May 6, 2026"), ("th", "6 พฤษภาคม 2026"), ("ar", "6 مايو، 2026")]


@pytest.mark.parametrize(("language", "date"), DATES)
def test_times_have_seconds_and_a_zone_in_every_language(superuser_page: Client, language: str, date: str) -> None:
    make_request(created_at=datetime(2026, 5, 6, 17, 8, 9, tzinfo=UTC))
    text = superuser_page.get(reverse(LIST), headers={"Accept-Language": language}).text
    assert f'<bdi>{date}</bdi> <bdi dir="ltr">17:08:09 UTC</bdi>' in text


def test_search_finds_words_of_prompt_and_purpose(superuser_page: Client) -> None:
    wanted = make_request(prompt_text="Summarise the quarterly report.", purpose="board meeting")
    make_request(prompt_text="Write a poem.")
    assert shown(superuser_page, q="quarterly") == {wanted}
    assert shown(superuser_page, q="board") == {wanted}


def test_search_finds_a_whole_id(superuser_page: Client) -> None:
    wanted = make_request()
    make_request()
    assert shown(superuser_page, q=f" {str(wanted.pk).upper()} ") == {wanted}


def test_search_finds_the_short_id_that_the_list_shows(superuser_page: Client) -> None:
    wanted = make_request()
    make_request()
    assert shown(superuser_page, q=f" {wanted.pk.hex[-8:].upper()} ") == {wanted}


def test_a_short_id_is_looked_for_no_further_than_the_list_can_be_paged_to(
    superuser_page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedPaginator, "LIMIT", 2)
    old, *_newer = [make_request() for _number in range(3)]
    assert shown(superuser_page, q=old.pk.hex[-8:]) == set()


def test_words_that_look_like_a_short_id_are_still_found(superuser_page: Client) -> None:
    wanted = make_request(prompt_text="Where is deadbeef?")
    assert shown(superuser_page, q="deadbeef") == {wanted}


def test_the_short_id_of_somebody_else_is_not_found(onlooker: Any) -> None:
    assert shown(signed_in(onlooker), q=make_request().pk.hex[-8:]) == set()


def test_search_for_an_id_that_does_not_exist_finds_nothing(superuser_page: Client) -> None:
    make_request()
    assert shown(superuser_page, q=str(uuid4())) == set()


def test_filters_narrow_the_list_down(superuser_page: Client) -> None:
    failure = failed_after(1, model="openai/gpt-5-mini", prompt_type_id="code")
    success = answered()
    assert shown(superuser_page, status__exact="failed") == {failure}
    assert shown(superuser_page, prompt_type__slug__exact="code") == {failure}
    assert shown(superuser_page, model="openai/gpt-5-mini") == {failure}
    assert shown(superuser_page, simulated__exact="1") == {success}
    assert shown(superuser_page, simulated__exact="0") == {failure}
    assert shown(superuser_page, user__exact=success.user_id) == {success}


def test_the_model_filter_offers_each_model_once(superuser_page: Client) -> None:
    for model in ("simulator/b", "simulator/a", "simulator/b"):
        make_request(model=model)
    specs = superuser_page.get(reverse(LIST)).context["cl"].filter_specs
    (offered,) = [spec.lookup_choices for spec in specs if spec.title == "model"]
    assert offered == [("simulator/a", "simulator/a"), ("simulator/b", "simulator/b")]


def test_the_user_filter_keeps_the_other_filters(superuser_page: Client) -> None:
    text = superuser_page.get(reverse(LIST), {"status__exact": "failed"}).text
    assert '<input type="hidden" name="status__exact" value="failed">' in text


def test_who_may_not_look_at_accounts_gets_no_filter_by_user(manager_page: Client) -> None:
    assert "autocomplete-filter" not in manager_page.get(reverse(LIST)).text


def test_a_manager_of_all_sees_the_requests_of_all(manager_page: Client) -> None:
    requests = {make_request(), make_request()}
    assert shown(manager_page) == requests


def test_an_onlooker_sees_their_own_requests_only(onlooker: Any) -> None:
    own = make_request(onlooker)
    make_request()
    assert shown(signed_in(onlooker)) == {own}


def test_an_onlooker_is_not_told_which_models_others_use(onlooker: Any) -> None:
    make_request(model="openai/secret-project")
    assert "secret-project" not in signed_in(onlooker).get(reverse(LIST)).text


@pytest.mark.parametrize("name", ["promptrequest", "promptresponse"])
def test_nobody_adds_history_by_hand(superuser_page: Client, name: str) -> None:
    assert superuser_page.get(reverse(f"admin:prompts_{name}_add")).status_code == 403


@pytest.mark.parametrize("action", ["change", "delete"])
def test_nobody_changes_or_deletes_a_request_by_hand(superuser_page: Client, action: str) -> None:
    request = make_request()
    url = reverse(f"admin:prompts_promptrequest_{action}", args=[request.pk])
    assert superuser_page.post(url, {"prompt_text": "Other.", "post": "yes"}).status_code == 403
    assert PromptRequest.objects.get(pk=request.pk).prompt_text == "Say hello."


def test_nobody_deletes_requests_by_an_action_on_the_list(superuser_page: Client) -> None:
    request = make_request()
    superuser_page.post(reverse(LIST), {"action": "delete_selected", "_selected_action": [request.pk], "post": "yes"})
    assert PromptRequest.objects.filter(pk=request.pk).exists()


def test_staff_who_may_view_accounts_gets_the_filter_by_user() -> None:
    page = signed_in(make_staff("system.manage_all", "system.view_user"))
    assert "autocomplete-filter" in page.get(reverse(LIST)).text
