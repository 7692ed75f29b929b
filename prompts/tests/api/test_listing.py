"""GET /api/ai/prompts/: whose, which, in what order, at what cost."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from prompts.models import PromptRequest
from prompts.services import submission
from prompts.tests.admin.stories import answered
from prompts.tests.factories import make_request

PROMPTS = "/api/ai/prompts/"
LIST_QUERIES = 2  # the token's user, and the page


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def made(owner: Any, number: int, **values: Any) -> list[str]:
    """Ids, newest first."""
    return [str(make_request(owner, **values).pk) for _ in range(number)][::-1]


def test_the_list_holds_ones_own_newest_first(as_owner: APIClient, owner: Any, stranger: Any) -> None:
    mine = made(owner, 3)
    made(stranger, 1)
    assert ids(as_owner.get(PROMPTS)) == mine


def test_the_list_has_no_answers(as_owner: APIClient, owner: Any) -> None:
    made(owner, 1)
    row = as_owner.get(PROMPTS).json()["results"][0]
    assert not {"response", "attempts"} & set(row)


def test_the_list_has_the_beginning_of_a_text_only(as_owner: APIClient, owner: Any) -> None:
    made(owner, 1, prompt_text="ก" * 3000)
    assert as_owner.get(PROMPTS).json()["results"][0]["prompt_text"] == "ก" * 2000


def test_pages_join_without_gap_or_repetition_while_rows_arrive(as_owner: APIClient, owner: Any) -> None:
    before = made(owner, 7)
    page = as_owner.get(f"{PROMPTS}?page_size=3")
    seen = ids(page)
    while page.json()["next"]:
        made(owner, 1)
        page = as_owner.get(page.json()["next"])
        seen += ids(page)
    assert seen == before


def test_pages_of_rows_of_the_same_moment_join_too(as_owner: APIClient, owner: Any) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    everything = made(owner, 7, created_at=moment)
    page = as_owner.get(f"{PROMPTS}?page_size=2")
    seen = ids(page)
    while page.json()["next"]:
        page = as_owner.get(page.json()["next"])
        seen += ids(page)
    assert seen == everything


def test_the_page_before_is_found_again(as_owner: APIClient, owner: Any) -> None:
    everything = made(owner, 4)
    second = as_owner.get(as_owner.get(f"{PROMPTS}?page_size=2").json()["next"])
    assert ids(as_owner.get(second.json()["previous"])) == everything[:2]


def cursor(content: str) -> str:
    return quote(b64encode(content.encode()).decode())


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "%00",
        "ก",
        "=" * 5000,
        cursor("p=abc"),
        cursor("p=2026-13-45T00:00:00Z"),
        cursor("p=2026-01-01"),
        cursor("p=2026-01-01T00:00:00"),
        cursor("p=1' OR '1'='1"),
        cursor("p=\x00"),
        cursor("o=-1"),
        cursor("o=abc"),
        cursor("o=" + "9" * 5000),
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused(as_owner: APIClient, owner: Any, value: str) -> None:
    made(owner, 1)
    assert as_owner.get(f"{PROMPTS}?cursor={value}").status_code == 400


@pytest.mark.parametrize("size", ["0", "-1", "201", "abc", "", "1.5", "٣", "9" * 5000])
def test_a_page_size_out_of_bounds_is_refused_by_name(as_owner: APIClient, size: str) -> None:
    answer = as_owner.get(PROMPTS, {"page_size": size})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["page_size"])


def test_filters_narrow_the_list(as_owner: APIClient, owner: Any) -> None:
    plain = make_request(owner)
    other = make_request(
        owner, prompt_type_id="code", model="simulator/other", prompt_text="Sort a list.", purpose="Homework"
    )
    submission.cancel(other.pk)
    for query in (
        {"prompt_type": "code"},
        {"model": "simulator/other"},
        {"status": "cancelled"},
        {"search": "sort homework"},
        {"search": '"a list" -hello'},
        {"prompt_type": "code", "status": "cancelled", "model": "simulator/other"},
    ):
        assert ids(as_owner.get(PROMPTS, query)) == [str(other.pk)], query
    assert ids(as_owner.get(PROMPTS, {"status": "pending"})) == [str(plain.pk)]


def test_search_finds_words_of_the_answer_among_the_own_requests(as_owner: APIClient, owner: Any) -> None:
    wanted = answered("An okapi.", owner)
    answered("An okapi.")
    made(owner, 1)
    assert ids(as_owner.get(PROMPTS, {"search": "okapi"})) == [str(wanted.pk)]
    assert ids(as_owner.get(PROMPTS, {"search": "okapi", "status": "failed"})) == []


def test_what_was_found_is_paged_like_any_list(as_owner: APIClient, owner: Any) -> None:
    requests = [str(answered("An okapi.", owner).pk) for _number in range(3)]
    first = as_owner.get(PROMPTS, {"search": "okapi", "page_size": "2"}).json()
    second = as_owner.get(first["next"]).json()
    assert [row["id"] for row in [*first["results"], *second["results"]]] == requests[::-1]


def test_created_after_includes_its_moment_and_created_before_does_not(as_owner: APIClient, owner: Any) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    early, at_noon = (str(make_request(owner, created_at=noon + timedelta(hours=h)).pk) for h in (-1, 0))
    assert ids(as_owner.get(PROMPTS, {"created_after": "2026-01-01T12:00:00Z"})) == [at_noon]
    assert ids(as_owner.get(PROMPTS, {"created_before": "2026-01-01T12:00:00Z"})) == [early]
    assert ids(as_owner.get(PROMPTS, {"created_before": "2026-01-01T19:00:00+07:00"})) == [early]


INJECTION = "1'; DROP TABLE prompt_requests; --"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "done"),
        ("status", INJECTION),
        ("created_after", "yesterday"),
        ("created_after", INJECTION),
        ("created_before", "2026-02-30T00:00:00Z"),
        ("scope", "everything"),
        ("search", "a\x00b"),
        ("search", "x" * 1001),
        ("model", "x" * 201),
        ("ordering", "-created_at"),
        ("ordering", INJECTION),
        ("order_by", "user__password"),
        ("user__password__startswith", "a"),
        ("user_id", "1"),
        ("limit", "1"),
    ],
)
def test_an_unknown_parameter_or_value_is_refused_by_name(as_owner: APIClient, name: str, value: str) -> None:
    answer = as_owner.get(PROMPTS, {name: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


@pytest.mark.parametrize("words", [INJECTION, "&|!()<->:*", '"', "\\", "%", "-", "or or or", "😀", "a:*b & c"])
def test_a_search_for_anything_is_answered(as_owner: APIClient, owner: Any, words: str) -> None:
    made(owner, 1)
    assert as_owner.get(PROMPTS, {"search": words}).status_code == 200
    assert PromptRequest.objects.count() == 1


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_at_the_edge_of_the_calendar_is_no_error_of_ours(as_owner: APIClient, time: str) -> None:
    assert as_owner.get(PROMPTS, {"created_after": time}).status_code in (200, 400)


@pytest.mark.parametrize("query", [{"scope": "all"}, {"user": "stranger"}, {"user": "owner"}, {"user": "nobody"}])
def test_other_peoples_requests_are_only_for_who_manages_all(as_owner: APIClient, stranger: Any, query: Any) -> None:
    assert as_owner.get(PROMPTS, query).status_code == 403


def test_who_manages_all_sees_everybodys_or_one_users(
    as_admin: APIClient, admin: Any, owner: Any, stranger: Any
) -> None:
    theirs, hers = made(owner, 1), made(stranger, 1)
    assert ids(as_admin.get(PROMPTS)) == []
    assert ids(as_admin.get(PROMPTS, {"scope": "own"})) == []
    assert ids(as_admin.get(PROMPTS, {"scope": "all"})) == hers + theirs
    assert ids(as_admin.get(PROMPTS, {"user": "owner"})) == theirs
    assert ids(as_admin.get(PROMPTS, {"user": str(stranger.pk)})) == hers


@pytest.mark.parametrize("name", ["nobody", "9" * 30, "٣", INJECTION])
def test_an_unknown_user_is_refused_by_name(as_admin: APIClient, name: str) -> None:
    answer = as_admin.get(PROMPTS, {"user": name})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["user"])


@pytest.mark.parametrize("number", [1, 40])
def test_a_page_takes_one_query_beside_the_token(
    as_owner: APIClient, owner: Any, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made(owner, number)
    with django_assert_num_queries(LIST_QUERIES):
        assert len(ids(as_owner.get(PROMPTS))) == number


def test_an_unknown_parameter_is_answered_with_those_there_are(as_owner: APIClient) -> None:
    (text,) = as_owner.get(PROMPTS, {"nope": "1"}).json()["errors"]["nope"]
    assert set(re.findall(r"[a-z_]+", text.partition("There are: ")[2])) >= {"cursor", "page_size", "search", "status"}
