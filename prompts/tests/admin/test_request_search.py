"""Finding requests in the list: by words, wherever they stand, and by everything that it can be filtered by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts.models import PromptRequest
from prompts.services import searching
from prompts.tests.admin.conftest import signed_in
from prompts.tests.admin.stories import answered, failed_after
from prompts.tests.factories import make_request, make_version

pytestmark = pytest.mark.django_db

LIST = reverse("admin:prompts_promptrequest_changelist")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found shall not depend on how fast the machine is."""
    monkeypatch.setattr(searching, "PATIENCE", 60)


def shown(page: Client, **query: Any) -> set[PromptRequest]:
    return set(page.get(LIST, query).context["cl"].result_list)


def test_search_finds_words_of_the_answer_and_marks_them(superuser_page: Client) -> None:
    wanted = answered("The animal is an okapi, I think.")
    answered("No idea.")
    page = superuser_page.get(LIST, {"q": "okapi"})
    assert set(page.context["cl"].result_list) == {wanted}
    assert "is an <mark>okapi</mark>, I think" in page.text


def test_what_is_found_is_never_markup(superuser_page: Client) -> None:
    answered("<img src=x> okapi <script>alert(1)</script>", prompt_text="\x01okapi\x02 \x02\x01<b>")
    text = superuser_page.get(LIST, {"q": "okapi"}).text
    assert "<mark>okapi</mark>" in text
    assert "<img src=x>" not in text
    assert "<b>" not in text


def test_a_search_needs_as_many_queries_for_many_rows_as_for_few(superuser_page: Client) -> None:
    counts = []
    for _round in range(3):
        for number in range(5):
            answered(f"okapi {number}", model=f"simulator/model-{number}", version=make_version())
        with CaptureQueriesContext(connection) as queries:
            superuser_page.get(LIST, {"q": "okapi"})
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 18


def test_the_list_says_what_was_not_searched(superuser_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_FOUND", 1)
    monkeypatch.setattr(searching, "PARTS", (1,))
    for _number in range(3):
        make_request(prompt_text="common")
    assert "Very many requests hold these words" in superuser_page.get(LIST, {"q": "common"}).text
    assert "Very many requests hold these words" not in superuser_page.get(LIST, {"q": "rare"}).text


def test_search_narrows_down_what_the_filters_leave(superuser_page: Client) -> None:
    wanted = failed_after(1, prompt_text="okapi")
    answered("okapi")
    assert shown(superuser_page, q="okapi", status__exact="failed") == {wanted}


def test_an_onlooker_finds_nothing_in_the_answers_of_others(onlooker: Any) -> None:
    own = answered("okapi", onlooker)
    answered("okapi")
    assert shown(signed_in(onlooker), q="okapi") == {own}


def test_requests_are_filtered_by_error_class(superuser_page: Client) -> None:
    wanted = failed_after(1)
    answered()
    assert shown(superuser_page, error_class="auth") == {wanted}
    assert shown(superuser_page, error_class="unheard_of") == set()


def test_requests_are_filtered_by_being_tests(superuser_page: Client) -> None:
    test = make_request(is_sandbox=True, version=make_version())
    plain = make_request()
    assert shown(superuser_page, is_sandbox__exact="1") == {test}
    assert shown(superuser_page, is_sandbox__exact="0") == {plain}


def test_the_test_of_a_draft_is_marked_in_the_list_and_on_its_page(superuser_page: Client) -> None:
    draft = make_request(is_sandbox=True, variables={"input": "x"})
    assert "badge-sandbox" in superuser_page.get(LIST).text
    page = superuser_page.get(reverse("admin:prompts_promptrequest_change", args=[draft.pk])).text
    assert "<dt>Version</dt><dd>A draft" in page


TIMES = ["2026-05-06T10:00", "2026-05-06 10:00:00", "2026-05-06T10:00:00Z", "2026-05-06T17:00:00+07:00"]


@pytest.mark.parametrize("time", TIMES)
def test_requests_are_filtered_by_time_from_and_before(superuser_page: Client, time: str) -> None:
    before, at = (make_request(created_at=datetime(2026, 5, 6, hour, tzinfo=UTC)) for hour in (9, 10))
    assert shown(superuser_page, created_at__gte=time) == {at}
    assert shown(superuser_page, created_at__lt=time) == {before}


def test_the_chosen_times_stand_in_their_inputs_and_the_other_filters_are_kept(superuser_page: Client) -> None:
    query = {"created_at__gte": "2026-05-06T10:00:00Z", "status__exact": "failed", "q": "okapi"}
    form = superuser_page.get(LIST, query).text.partition('class="period-filter"')[2].partition("</form>")[0]
    assert 'name="created_at__gte" value="2026-05-06T10:00"' in form
    assert '<input type="hidden" name="status__exact" value="failed">' in form
    assert '<input type="hidden" name="q" value="okapi">' in form


def test_times_that_are_left_empty_filter_nothing(superuser_page: Client) -> None:
    request = make_request()
    assert shown(superuser_page, created_at__gte="", created_at__lt="") == {request}


@pytest.mark.parametrize("time", ["yesterday", "2026-13-45T99:99", "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59"])
def test_a_time_that_is_none_leads_back_to_the_list(superuser_page: Client, time: str) -> None:
    answer = superuser_page.get(f"{LIST}?created_at__gte={quote(time)}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?e=1")
