"""The WSGI application answers hot paths at once, and everything else as Django does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory
from django.urls import set_script_prefix

from config import shortcut
from config.handler import Handler
from prompts.models import PromptRequest
from prompts.tests.factories import make_user
from prompts.tests.personas import bearer

pytestmark = pytest.mark.django_db
PROMPTS = "/api/ai/prompts/"
QUESTION = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}

#: What tells one call from the next, and headers of the middleware that the short way leaves out.
OWN = {"Location", "X-Correlation-ID", "Vary", "Content-Language"}


class Answer:
    """What a server gets from the application."""

    def __init__(self, handler: Handler, environ: dict[str, Any]) -> None:
        self.with_signals = 0
        request_started.connect(self._started)
        try:
            self.body = b"".join(handler(environ, self._start))
        finally:
            request_started.disconnect(self._started)

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)

    def _started(self, **_kwargs: Any) -> None:
        self.with_signals += 1


@pytest.fixture
def header(db: None) -> Iterator[str]:
    """Of an owner, while no call may close the connection that has this test's transaction."""
    request_started.disconnect(close_old_connections)
    yield bearer(make_user("owner"))
    request_started.connect(close_old_connections)
    # A call sets it for its thread, and the client of other tests doesn't.
    set_script_prefix("/")


def post(body: Any, header: str, **extra: Any) -> Answer:
    content = json.dumps(body).encode()
    extra |= {"HTTP_AUTHORIZATION": header, "CONTENT_LENGTH": str(len(content)), "wsgi.input": BytesIO(content)}
    environ = RequestFactory()._base_environ(  # type: ignore[attr-defined]
        PATH_INFO=PROMPTS, REQUEST_METHOD="POST", CONTENT_TYPE="application/json"
    )
    return Answer(Handler(), environ | extra)


def test_a_good_request_is_stored_without_the_signals_of_a_call(header: str) -> None:
    answer = post(QUESTION, header)
    assert (answer.status, answer.with_signals, PromptRequest.objects.count()) == ("201 Created", 0, 1)


def test_it_has_the_headers_that_every_answer_has(header: str) -> None:
    quick, ordinary = post(QUESTION, header), post(QUESTION, header, HTTP_ACCEPT="application/json;q=1")
    assert ordinary.with_signals == 1
    same = [{name: value for name, value in one.headers.items() if name not in OWN} for one in (quick, ordinary)]
    assert same[0] == same[1]


def test_a_body_that_was_read_and_refused_is_put_into_words_by_the_framework(header: str) -> None:
    answer = post(QUESTION | {"prompt_type": "poetry"}, header)
    assert (answer.status, answer.with_signals) == ("400 Bad Request", 1)
    assert "poetry" in answer.body.decode()


def test_the_id_of_a_call_is_one_on_both_ways(header: str) -> None:
    """The log lines of the short try and those of the framework belong together."""
    with patch.object(shortcut, "_shortcut", autospec=True, return_value=None), patch("uuid.uuid4") as made:
        made.return_value.hex = "7" * 32
        post({}, header)
    assert made.call_count == 1


def test_a_bug_on_the_short_way_is_an_answer_and_a_line_in_the_log(
    header: str, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(shortcut, "_shortcut", autospec=True, side_effect=ValueError("bug")):
        answer = post(QUESTION, header)
    assert answer.status.startswith("500")
    assert {"X-Correlation-ID", "Cache-Control"} <= set(answer.headers)
    assert "bug" in caplog.text


def test_below_a_prefix_addresses_have_it(header: str) -> None:
    answer = post(QUESTION, header, SCRIPT_NAME="/manager")
    assert answer.headers["Location"].startswith("/manager/api/ai/prompts/")


GRANIAN = {"SERVER_SOFTWARE": "Granian", "SERVER_PROTOCOL": "HTTP/1.1"}


@pytest.mark.parametrize("accept", ["application/json", "application/json;q=1"])
@pytest.mark.parametrize(("dice", "closing"), [(0.0, "close"), (0.999 / 250, "close"), (1 / 250, None), (0.99, None)])
def test_now_and_then_an_answer_is_the_last_of_its_connection_on_both_ways(
    header: str, accept: str, dice: float, closing: str | None
) -> None:
    with patch("config.handler.random", autospec=True, return_value=dice):
        answer = post(QUESTION, header, HTTP_ACCEPT=accept, **GRANIAN)
    assert (answer.status, answer.headers.get("Connection")) == ("201 Created", closing)


@pytest.mark.parametrize(
    "server", [{"SERVER_PROTOCOL": "HTTP/2.0"}, {"SERVER_PROTOCOL": "HTTP/1.0"}, {"SERVER_SOFTWARE": "WSGIServer/0.2"}]
)
def test_other_servers_and_protocols_keep_their_connections_to_themselves(header: str, server: dict[str, str]) -> None:
    with patch("config.handler.random", autospec=True, return_value=0.0):
        answer = post(QUESTION, header, **GRANIAN | server)
    assert "Connection" not in answer.headers
