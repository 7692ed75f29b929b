"""Statements that are planned once store and read what the ORM would."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from prompts import prepared
from prompts.api import own_rows
from prompts.models import PromptRequest
from prompts.models.fields import uuid7
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db

VALUES: dict[str, dict[str, Any]] = {
    "as little as there can be": {},
    "nothing but what has a default": {"parameters": {}, "metadata": {}, "purpose": ""},
    "all that a caller gives": {
        "variables": {"input": "ก\n\"'\\%s{}"},
        "purpose": "%s %(x)s",
        "parameters": {"temperature": 0.1, "stop": ["\u2028"]},
        "metadata": {"big": 10**30, "float": 1e300, "none": None, "deep": [[[]]]},
        "is_sandbox": True,
        "idempotency_key": "k",
        "run_at": datetime(2030, 1, 1, 12, 0, 0, 7, tzinfo=UTC),
        "next_attempt_at": datetime(2030, 1, 1, tzinfo=UTC),
    },
}


def unsaved(user: Any, **values: Any) -> PromptRequest:
    given = {"prompt_type_id": "text", "model": "simulator/default", "prompt_text": "Say hello."} | values
    return PromptRequest(user=user, **given)


def stored(request: PromptRequest) -> dict[str, Any]:
    row = PromptRequest.objects.filter(pk=request.pk).values().get()
    return {name: value for name, value in row.items() if name not in {"id", "created_at"}}


def statements() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(statement, ';') FROM pg_prepared_statements")
        (texts,) = cursor.fetchone()
    return texts or ""


@pytest.mark.parametrize("name", VALUES)
def test_a_row_is_inserted_as_saving_inserts_it(name: str) -> None:
    """Within a transaction the database's clock stands still for defaults, and so the times are the same but for it."""
    user, values = make_user(), VALUES[name]
    if "variables" in values:
        values = values | {"version": make_version()}
    saved, inserted = unsaved(user, **values), unsaved(user, **values)
    saved.save(force_insert=True)
    prepared.insert(inserted)
    both = [stored(saved), stored(inserted)]
    if "next_attempt_at" not in values:
        both = [{key: value for key, value in row.items() if key != "next_attempt_at"} for row in both]
    assert both[0] == both[1]


def test_what_the_database_sets_is_on_the_instance() -> None:
    request = unsaved(make_user())
    prepared.insert(request)
    row = PromptRequest.objects.get(pk=request.pk)
    told = ("created_at", "next_attempt_at", "simulated", "is_sandbox", "awaits_text")
    assert [getattr(request, name) for name in told] == [getattr(row, name) for name in told]
    assert (request._state.adding, request._state.db) == (False, "default")


def test_an_id_that_is_taken_is_refused() -> None:
    first = make_request()
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.insert(unsaved(first.user, id=first.pk))


def test_a_statement_is_planned_once_and_the_page_of_a_user_each_time() -> None:
    user = make_user()
    prepared.insert(unsaved(user))
    own_rows._detail().fetch(uuid7(), user.pk)
    own_rows._page().fetch(user.pk)
    assert 'INSERT INTO "prompt_requests"' in statements()
    assert "attempt_rows" in statements()
    assert "prompt_text_start" not in statements()


def test_a_shape_finds_what_its_values_name_and_not_what_it_was_made_with() -> None:
    mine, hers = make_request(), make_request()
    for request in (mine, hers, mine):
        (row,) = own_rows._page().fetch(request.user_id)
        assert (row.id, row.prompt_text_start, row.metadata) == (request.pk, "Say hello.", {})
    assert own_rows._detail().fetch(mine.pk, hers.user_id) == []


def test_no_text_of_a_later_statement_is_kept_by_the_connection() -> None:
    prepared.row("SELECT %s", (1,))
    tracemalloc.start()
    try:
        for number in range(50):
            PromptRequest.objects.filter(prompt_text=f"{number}" * 50_000).exists()
        held, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000
