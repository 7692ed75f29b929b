"""Words are found wherever they stand, and whatever they are, in bounded time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from prompts.models import PromptRequest
from prompts.services import searching
from prompts.services.searching import find, find_all
from prompts.tests.admin.stories import answered
from prompts.tests.factories import make_request, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found shall not depend on how fast the machine is."""
    monkeypatch.setattr(searching, "PATIENCE", 60)


def found(words: str) -> set[Any]:
    rows = PromptRequest.objects.all()
    return set(find(rows, words).among(rows))


def in_a_row(number: int, text: str = "common", user: Any = None) -> list[PromptRequest]:
    """Requests of successive minutes, oldest first."""
    user = user or make_user()
    times = (NOON + timedelta(minutes=minute) for minute in range(number))
    return [make_request(user, prompt_text=text, created_at=time) for time in times]


def test_words_are_found_in_text_purpose_and_answer() -> None:
    asked, meant = make_request(prompt_text="An okapi."), make_request(purpose="For the okapi.")
    replied = answered("Okapi, of course.")
    make_request(prompt_text="A zebra.")
    assert found("okapi") == {asked, meant, replied}


def test_all_words_have_to_stand_in_the_text_or_all_in_the_answer() -> None:
    both = answered("red okapi")
    answered("red", prompt_text="okapi")
    assert found("okapi red") == {both}


@pytest.mark.parametrize("words", ["", "!!!", "'", '"', "-", "or", "a:*", "<->", "\\", "(", "%_", "💥", "-nothing"])
def test_whatever_is_searched_for_is_answered(words: str) -> None:
    make_request()
    assert found(words) <= set(PromptRequest.objects.all())


@pytest.mark.parametrize(
    ("sentence", "word"),
    [("กรุณาสรุปเอกสารใบแจ้งหนี้ฉบับนี้", "ใบแจ้งหนี้"), ("لخص هذه الفاتورة من فضلك", "فاتورة")],
)
def test_a_word_is_found_inside_of_a_sentence_without_spaces(sentence: str, word: str) -> None:
    asked, replied = make_request(prompt_text=f"{sentence} 1"), answered(sentence)
    make_request(prompt_text=sentence[:5])
    assert found(word) == {asked, replied}


def test_of_words_in_very_many_requests_the_newest_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_FOUND", 3)
    monkeypatch.setattr(searching, "PARTS", (2, 4))
    monkeypatch.setattr(searching, "ENOUGH", 4)
    requests = in_a_row(8)
    rows = PromptRequest.objects.all()
    part = find(rows, "common")
    assert part.since == requests[3].created_at
    assert set(part.among(rows)) == set(requests[3:])


def test_words_that_every_request_holds_bring_no_more_than_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found goes to PostgreSQL again, and the connection keeps a buffer for the largest statement."""
    monkeypatch.setattr(searching, "MOST_FOUND", 3)
    values = {"user": make_user(), "prompt_type_id": "text", "model": "openai/stub", "prompt_text": "common"}
    times = (NOON + timedelta(seconds=second) for second in range(2_100))
    PromptRequest.objects.bulk_create(PromptRequest(**values, created_at=time) for time in times)
    found = find(PromptRequest.objects.all(), "common")
    assert searching.ENOUGH <= len(found.ids) < 2_100


def test_a_part_is_one_of_the_rows_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_FOUND", 3)
    monkeypatch.setattr(searching, "PARTS", (4,))
    reader = make_user()
    own = in_a_row(2, user=reader)
    in_a_row(9)
    rows = PromptRequest.objects.filter(user=reader)
    part = find(rows, "common")
    assert (set(part.among(rows)), part.since) == (set(own), None)


def test_a_search_that_takes_too_long_ends_with_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    (request,) = in_a_row(1)

    def slow(words: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(searching, "_everywhere", slow)
    monkeypatch.setattr(searching, "PATIENCE", 0.05)
    assert found("common") == {request}
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_other_faults_of_the_database_are_not_taken_for_slowness(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(words: str) -> None:
        raise OperationalError

    monkeypatch.setattr(searching, "_everywhere", broken)
    with pytest.raises(OperationalError):
        found("common")


@pytest.mark.parametrize("words", ["common", "-rare", "สวัสดี"])
def test_a_search_to_the_end_finds_each_request_once(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_FOUND", 3)
    monkeypatch.setattr(searching, "PART", 2)
    monkeypatch.setattr(searching, "UNINDEXED_PART", 2)
    wanted = in_a_row(7, text="common สวัสดีครับ")
    make_request(prompt_text="rare", purpose="rare", created_at=NOON - timedelta(days=1))
    ids = [pk for part in find_all(PromptRequest.objects.all(), words) for pk in part]
    assert sorted(ids) == sorted(request.pk for request in wanted)
