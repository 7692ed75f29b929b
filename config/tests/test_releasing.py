"""What an answer of the API was made of is gone with it, without the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from config.handler import Handler
from prompts.tests.factories import make_request, make_user
from prompts.tests.personas import bearer

pytestmark = pytest.mark.django_db
PROMPTS = "/api/ai/prompts/"
ROWS = 60


@pytest.fixture
def header() -> Iterator[str]:
    """Of somebody who has many requests; no call closes the connection of this test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    owner = make_user("owner")
    for _ in range(ROWS):
        make_request(owner)
    yield bearer(owner)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def left_after(handler: Handler, header: str, address: str) -> int:
    """How many objects only the garbage collector can free after this call."""
    path, _, query = address.partition("?")
    environ = RequestFactory()._base_environ(  # type: ignore[attr-defined]
        PATH_INFO=path, QUERY_STRING=query, HTTP_AUTHORIZATION=header
    )
    gc.collect()
    gc.disable()
    try:
        statuses: list[str] = []
        assert b"".join(handler(environ, lambda status, _headers: statuses.append(status)))
        assert statuses == ["200 OK"]
        return gc.collect()
    finally:
        gc.enable()


def test_a_long_page_leaves_no_more_to_the_collector_than_a_short_one(header: str) -> None:
    handler = Handler()
    left_after(handler, header, f"{PROMPTS}?page_size=1")
    short, long = (left_after(handler, header, f"{PROMPTS}?page_size={size}") for size in (1, ROWS))
    assert long <= short + ROWS / 10
