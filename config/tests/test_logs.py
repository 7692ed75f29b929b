"""What a log line costs besides its text."""

from __future__ import annotations

import linecache
import logging
import sys

import kombu.exceptions
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from redis.exceptions import ConnectionError, MaxConnectionsError, TimeoutError

from config.logs import LineFormatter


def written(error: Exception) -> str:
    """A line of the log that tells of an error."""
    try:
        raise error
    except type(error):
        record = logging.LogRecord("prompts", logging.ERROR, "", 0, "It failed.", (), sys.exc_info())
    return LineFormatter("%(message)s").format(record)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection is bad: No such file\n\tIs the server running locally?\n"),
        ConnectionError("Error 111"),
        TimeoutError("Timeout reading from socket"),
        kombu.exceptions.OperationalError("Error 111"),
    ],
    ids=repr,
)
def test_a_server_that_is_away_takes_one_line_more(error: Exception) -> None:
    kind = type(error)
    assert written(error) == f"It failed.\n{kind.__module__}.{kind.__name__}: {' '.join(str(error).split())}"


def test_what_it_says_stays_within_its_line_and_turns_nothing() -> None:
    assert written(ConnectionError("host \u202egnorw")).endswith("host \\u202egnorw")


def test_too_many_connections_of_ones_own_have_their_traceback() -> None:
    assert "Traceback" in written(MaxConnectionsError("Too many connections"))


def test_no_error_at_all_is_told_as_such() -> None:
    assert LineFormatter().formatException((None, None, None)) == "NoneType: None"


def test_a_setting_that_is_wrong_has_its_traceback() -> None:
    assert "Traceback" in written(ImproperlyConfigured("There is no such setting."))


def test_another_error_of_the_database_has_its_traceback() -> None:
    failure = OperationalError("deadlock detected")
    failure.__cause__ = psycopg.errors.DeadlockDetected()
    assert "Traceback" in written(failure)


def test_the_sources_that_a_traceback_shows_are_not_kept() -> None:
    assert "raise error" in written(ValueError("broken"))
    assert not linecache.cache
