"""How far back the list of requests looks for what several filters pick."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.admin import windows
from prompts.models import PromptRequest, PromptType
from prompts.tests.admin.conftest import signed_in
from prompts.tests.admin.stories import answered
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db

LIST = reverse("admin:prompts_promptrequest_changelist")
RESPONSES = reverse("admin:prompts_promptresponse_changelist")
EXPORT = reverse("admin:prompts_promptrequest_export_jsonl")
QUICK = "simulator/quick"
FAILED = {"status": "failed", "error_class": "auth"}
FAILED_OF_QUICK = {"model": QUICK, "status__exact": "failed"}


@pytest.fixture(autouse=True)
def _looks_at_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "LOOKED_AT", 3)


def made(minutes_ago: int, user: Any = None, **values: Any) -> PromptRequest:
    """A request of that time, ended if its status says so."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    ended = {"finished_at": at} if values.get("status", "pending") != "pending" else {}
    return make_request(user, created_at=at, **{"model": QUICK, **ended, **values})


def listed(page: Client, **query: Any) -> Any:
    """The list as its page has it."""
    return page.get(LIST, query).context["cl"]


def shown(page: Client, **query: Any) -> list[PromptRequest]:
    return list(listed(page, **query).result_list)


def since(page: Client, **query: Any) -> datetime | None:
    time: datetime | None = listed(page, **query).looked_at_since
    return time


def alternating(number: int, **values: Any) -> list[PromptRequest]:
    """Newest first: every second one has failed."""
    kinds = (FAILED, {"status": "completed"})
    return [made(minutes, **kinds[minutes % 2], **values) for minutes in range(number)]


def test_of_two_filters_the_newest_rows_of_the_one_that_picks_fewer_are_looked_at(superuser_page: Client) -> None:
    requests = alternating(10)
    assert since(superuser_page, **FAILED_OF_QUICK) == requests[4].created_at
    assert shown(superuser_page, **FAILED_OF_QUICK) == requests[0:5:2]


def test_the_page_says_since_when_and_that_its_count_is_of_that_part(superuser_page: Client) -> None:
    alternating(10)
    text = superuser_page.get(LIST, FAILED_OF_QUICK).text
    assert "3 requests among those since <time" in text
    assert "3 results" not in text


def test_the_links_to_earlier_ones_lead_to_every_request_once(superuser_page: Client) -> None:
    requests = alternating(14) + [made(minutes, model="simulator/other", **FAILED) for minutes in range(20, 29)]
    seen: list[PromptRequest] = []
    query: dict[str, Any] = dict(FAILED_OF_QUICK)
    for _page in range(9):
        changelist = listed(superuser_page, **query)
        seen += changelist.result_list
        if changelist.looked_at_since is None:
            break
        query["created_at__lt"] = changelist.looked_at_since.isoformat()
    assert seen == requests[0:14:2]


def test_the_link_is_the_one_that_the_page_has(superuser_page: Client) -> None:
    requests = alternating(10)
    text = superuser_page.get(LIST, FAILED_OF_QUICK | {"p": 1}).text
    _before, link = text.split("among those since")[1].split('href="', 1)
    address = link.split('"')[0].replace("&amp;", "&")
    assert "p=" not in address.split("&")
    assert superuser_page.get(LIST + address).context["cl"].result_list[0] == requests[6]


def test_the_link_keeps_every_filter_also_one_whose_name_begins_as_that_of_the_page(superuser_page: Client) -> None:
    requests = alternating(10)
    PromptType.objects.create(slug="other", label="Other")
    made(20, prompt_type_id="other", **FAILED)
    query = {"prompt_type__slug__exact": "text", "status__exact": "failed"}
    address = listed(superuser_page, **query).earlier
    assert list(superuser_page.get(LIST + address).context["cl"].result_list) == requests[6::2]


def test_one_request_is_told_as_one(superuser_page: Client) -> None:
    alternating(4)
    text = superuser_page.get(LIST, {"status__exact": "completed"}).text
    assert "1 request among those since <time" in text


@pytest.mark.parametrize("one", [{}, {"status__exact": "failed"}, {"model": QUICK}, {"is_sandbox__exact": "1"}])
def test_what_an_index_leads_to_is_shown_from_all_of_history(superuser_page: Client, one: dict[str, str]) -> None:
    alternating(10)
    assert since(superuser_page, **one) is None


@pytest.mark.parametrize("one", [{"status__exact": "completed"}, {"is_sandbox__exact": "0"}, {"error_class": "auth"}])
def test_what_no_index_holds_alone_is_looked_for_among_the_newest(superuser_page: Client, one: dict[str, str]) -> None:
    alternating(10)
    assert since(superuser_page, **one) is not None


def test_of_few_rows_all_are_looked_at(superuser_page: Client) -> None:
    alternating(8)
    old = made(50, model="simulator/rare", **FAILED)
    assert shown(superuser_page, model="simulator/rare", status__exact="failed") == [old]
    assert since(superuser_page, model="simulator/rare", status__exact="failed") is None


def test_waiting_requests_are_shown_however_old(superuser_page: Client) -> None:
    old = made(50)
    alternating(8)
    assert shown(superuser_page, model=QUICK, status__exact="pending") == [old]


def test_the_few_that_are_not_simulated_are_shown_however_old(superuser_page: Client) -> None:
    old = made(50, model="openai/gpt-5")
    alternating(8)
    assert shown(superuser_page, simulated__exact="0") == [old]


def test_a_period_is_looked_through_from_its_end(superuser_page: Client) -> None:
    requests = alternating(12)
    query = FAILED_OF_QUICK | {"created_at__lt": requests[3].created_at.isoformat()}
    assert shown(superuser_page, **query) == requests[4:9:2]


def test_the_own_list_looks_through_own_requests(onlooker: Any) -> None:
    own = [made(minutes, onlooker, status="completed") for minutes in range(20, 26)]
    alternating(10)
    assert shown(signed_in(onlooker), status__exact="completed") == own[:3]


def test_a_search_is_not_cut_short_by_it(superuser_page: Client) -> None:
    requests = alternating(10, prompt_text="Where is the warranty?")
    assert shown(superuser_page, q="warranty", **FAILED_OF_QUICK) == requests[::2]


def test_an_export_holds_what_the_filters_pick_of_all_of_history(superuser_page: Client) -> None:
    alternating(10)
    address = f"{EXPORT}?model={QUICK}&status__exact=failed"
    assert len(superuser_page.post(address).getvalue().splitlines()) == 5


def test_a_class_of_error_picks_those_that_failed_with_it_and_not_those_that_are_tried_again(
    superuser_page: Client,
) -> None:
    made(1, error_class="auth")
    wanted = made(2, **FAILED)
    assert shown(superuser_page, error_class="auth") == [wanted]


@pytest.mark.parametrize(("number", "is_cut"), [(3, False), (4, True)])
def test_simulated_answers_are_looked_for_among_the_newest(superuser_page: Client, number: int, is_cut: bool) -> None:
    for _number in range(number):
        answered()
    changelist = superuser_page.get(RESPONSES, {"simulated__exact": "1"}).context["cl"]
    assert (changelist.looked_at_since is not None) == is_cut


def test_requests_of_one_moment_are_looked_at_together(superuser_page: Client) -> None:
    moment = timezone.now()
    together = {make_request(created_at=moment, finished_at=moment, **FAILED, model=QUICK) for _number in range(5)}
    changelist = listed(superuser_page, **FAILED_OF_QUICK)
    assert set(changelist.result_list) == together
    assert list(superuser_page.get(LIST + changelist.earlier).context["cl"].result_list) == []


def test_ones_own_answers_are_those_to_the_newest_requests_and_the_link_leads_to_the_others(onlooker: Any) -> None:
    now = timezone.now()
    asked = [answered(user=onlooker, created_at=now - timedelta(minutes=minutes)) for minutes in range(5)]
    answered()
    page = signed_in(onlooker)
    changelist = page.get(RESPONSES).context["cl"]
    assert {answer.prompt for answer in changelist.result_list} == set(asked[:3])
    earlier = page.get(RESPONSES + changelist.earlier).context["cl"]
    assert {answer.prompt for answer in earlier.result_list} == set(asked[3:])
    assert earlier.looked_at_since is None
