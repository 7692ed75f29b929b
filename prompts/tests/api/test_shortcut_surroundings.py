"""What the server does around every call holds on the shortest way as well."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from prompts import prepared
from prompts.api.accepting import LONGEST_BODY
from prompts.models import PromptRequest
from prompts.tests.api.ways import FILLED, PROMPTS, QUESTION, both_ways, send
from prompts.tests.personas import client_of

pytestmark = pytest.mark.django_db


UNUSUAL: dict[str, tuple[dict[str, Any], int]] = {
    "format": ({"HTTP_ACCEPT": "application/xml"}, 406),
    "host": ({"HTTP_HOST": "evil.example.com"}, 400),
    "length": ({"CONTENT_LENGTH": str(9 * 1024 * 1024)}, 413),
    "query": ({"QUERY_STRING": "format=xml"}, 404),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_whatever_is_unusual_is_left_to_the_framework(
    as_owner: APIClient, answered_at_once: list[Any], name: str
) -> None:
    change, status = UNUSUAL[name]
    assert send(as_owner, QUESTION, **change).status_code == status
    assert not any(answered_at_once)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_kind_is_refused(as_owner: APIClient, content_type: str) -> None:
    assert as_owner.post(PROMPTS, b'{"a": 1}', content_type=content_type).status_code == 415


class Unreadable:
    """A body that nobody may ask for."""

    def read(self, *args: int) -> bytes:
        raise AssertionError("The body was read.")

    readline = read


@pytest.mark.parametrize("length", [100, LONGEST_BODY + 1])
@pytest.mark.parametrize("header", ["", "Bearer x.y.z", f"Bearer apm_{'x' * 43}"])
def test_a_body_is_read_only_of_who_may_come_in(owner: Any, header: str, length: int) -> None:
    """A token that nobody has made looks like one that somebody has."""
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = send(client, QUESTION, CONTENT_LENGTH=str(length), **{"wsgi.input": Unreadable()})
    assert answer.status_code == 401


def test_who_was_known_a_moment_ago_is_asked_about_while_the_request_is_stored(as_owner: APIClient) -> None:
    with CaptureQueriesContext(connection) as first:
        send(as_owner, QUESTION)
    with CaptureQueriesContext(connection) as second:
        send(as_owner, QUESTION)
    assert len(first) == len(second) + 2


def test_who_was_known_a_moment_ago_comes_in_no_more_once_switched_off(owner: Any, as_owner: APIClient) -> None:
    assert send(as_owner, QUESTION).status_code == 201
    type(owner).objects.update(is_active=False)
    assert send(as_owner, QUESTION).status_code == 401
    assert PromptRequest.objects.count() == 1


def test_a_long_body_is_taken_by_the_framework(as_owner: APIClient, answered_at_once: list[Any]) -> None:
    assert send(as_owner, QUESTION | {"prompt_text": "x" * LONGEST_BODY}).status_code == 201
    assert answered_at_once == [None]


def test_without_https_nothing_is_taken_where_it_is_demanded(as_owner: APIClient, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert send(as_owner, QUESTION).status_code == 301
    assert not PromptRequest.objects.exists()


def test_over_https_the_browser_is_told_to_stay_there(owner: Any, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    client = client_of(owner)
    quick, ordinary = both_ways(client, QUESTION, **{"wsgi.url_scheme": "https"})
    assert quick == ordinary
    assert (quick[0], quick[1]["Strict-Transport-Security"]) == (201, "max-age=60")


def test_the_callers_correlation_id_comes_back(as_owner: APIClient) -> None:
    assert send(as_owner, QUESTION, HTTP_X_CORRELATION_ID="mine").headers["X-Correlation-ID"] == "mine"


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("gone"), 503), (ValueError("bug"), 500)], ids=["database", "bug"]
)
def test_a_store_that_fails_is_not_tried_again(as_owner: APIClient, error: Exception, status: int) -> None:
    """It may have stored the request before its answer was lost."""
    with patch.object(prepared, "insert", autospec=True, side_effect=error) as insert:
        answer = send(as_owner, QUESTION)
    assert (answer.status_code, insert.call_count) == (status, 1)
    assert set(answer.json()) == {"message", "userMessage", "recoveryAction"}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_replaced_before_the_error_is_told(
    as_owner: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names what went wrong first, and whose call it was."""

    def end(request: PromptRequest, only_if: Any) -> None:
        prepared.row("SELECT pg_terminate_backend(pg_backend_pid())", ())

    caplog.set_level("INFO", logger="config.exception_handler")
    with patch.object(prepared, "insert", end):
        assert send(as_owner, QUESTION).status_code == 503
    told = [record.getMessage() for record in caplog.records if record.name == "config.exception_handler"]
    assert told[0].startswith("The database can't be reached: terminating connection")
    assert told[1].startswith("503 for owner:")
    assert send(as_owner, QUESTION).status_code == 201


@pytest.mark.parametrize("body", [QUESTION, FILLED], ids=["text", "variables"])
def test_it_takes_one_statement_of_who_was_here_before(as_owner: APIClient, body: dict[str, Any]) -> None:
    send(as_owner, body)
    with CaptureQueriesContext(connection) as queries:
        send(as_owner, body)
    assert [query["sql"].split()[0] for query in queries] == ["INSERT"]
