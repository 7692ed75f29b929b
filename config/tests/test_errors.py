"""Every error has one shape, in the caller's language, with a correlation id."""

from __future__ import annotations

import logging
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from config.logs import correlation_id
from config.middleware import CorrelationIdMiddleware
from config.problems import ADVICE
from prompts import token_text
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of

PROMPTS = "/api/ai/prompts/"
SHAPE = {"message", "userMessage", "recoveryAction"}
QUESTION = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}


@pytest.fixture
def client(db: None) -> APIClient:
    return client_of(make_user())


def check(answer: Any, status: int) -> dict[str, Any]:
    """The body, once it is of the one shape."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    assert len(answer.headers["X-Correlation-ID"]) >= 8
    body: dict[str, Any] = answer.json()
    assert SHAPE <= set(body) <= SHAPE | {"errors"}
    assert all(body[name] for name in SHAPE)
    return body


def test_unauthenticated_is_401_and_says_how_to_sign_in(db: None) -> None:
    answer = client_of().get(PROMPTS)
    check(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_fields_at_fault_are_named(client: APIClient) -> None:
    body = check(client.post(PROMPTS, {"prompt_text": "x", "purpose": None}), 400)
    assert set(body["errors"]) == {"prompt_type", "purpose"}


def test_nested_fields_are_named_with_dots(client: APIClient) -> None:
    body = check(client.post(PROMPTS, QUESTION | {"parameters": "x"}), 400)
    assert list(body["errors"]) == ["parameters"]


def test_a_million_unknown_fields_get_a_short_answer(client: APIClient) -> None:
    answer = client.post(PROMPTS, {f"field{number}" + "x" * 200: 1 for number in range(3000)})
    check(answer, 400)
    assert len(answer.content) < 10_000


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/ai/prompts/text/no-number", "/api", "/api/", "/api/ai/prompts//"]
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_unknown_api_path_is_404(client: APIClient, path: str, debug: bool, settings: Any) -> None:
    settings.DEBUG = debug
    check(client.get(path), 404)
    check(client.post(path, {}), 404)


@pytest.mark.usefixtures("plain_static_files")
def test_an_unknown_path_elsewhere_is_a_page_that_leads_home(client: APIClient) -> None:
    answer = client.get("/nothing")
    assert 'href="/admin/"' in answer.content.decode()
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert answer.headers["X-Correlation-ID"]


@pytest.mark.usefixtures("db", "plain_static_files")
def test_a_page_of_the_admin_that_is_not_ones_own_says_whom_to_ask() -> None:
    browser = Client()
    browser.force_login(make_user(is_staff=True), backend="django.contrib.auth.backends.ModelBackend")
    answer = browser.get("/admin/prompts/promptversion/", headers={"Accept-Language": "th"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "โปรดขอสิทธิ์จากผู้ดูแลระบบ" in answer.content.decode()


def test_a_method_that_is_not_there_is_405_and_says_which_are(client: APIClient) -> None:
    answer = client.delete(PROMPTS)
    check(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_a_format_that_cannot_be_made_is_406(client: APIClient) -> None:
    check(client.get(PROMPTS, headers={"Accept": "image/png"}), 406)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"])
def test_a_body_that_is_not_json_is_415(client: APIClient, content_type: str) -> None:
    check(client.post(PROMPTS, data="prompt_type=text", content_type=content_type), 415)


def test_a_host_that_is_not_ours_is_400(client: APIClient) -> None:
    check(client.get(PROMPTS, headers={"Host": "evil.example"}), 400)


def test_a_session_without_csrf_token_is_403(db: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    check(browser.post(PROMPTS, QUESTION, content_type="application/json"), 403)


def test_a_bug_is_500_and_tells_nothing(client: APIClient) -> None:
    with mock.patch("prompts.services.submission.submit", autospec=True, side_effect=RuntimeError("canary")):
        answer = client.post(PROMPTS, QUESTION)
    check(answer, 500)
    assert b"canary" not in answer.content
    assert b"RuntimeError" not in answer.content


def test_a_database_that_is_away_is_503_with_retry_after(client: APIClient) -> None:
    failure = OperationalError("connection to server at 10.0.0.7 failed: password=canary")
    with mock.patch("prompts.services.submission.submit", autospec=True, side_effect=failure):
        answer = client.post(PROMPTS, QUESTION)
    check(answer, 503)
    assert answer.headers["Retry-After"] == "5"
    assert b"canary" not in answer.content


def test_a_database_that_is_away_is_asked_once_and_told_without_a_traceback(
    caplog: pytest.LogCaptureFixture, db: None
) -> None:
    with mock.patch("config.accounts.tokens.find", autospec=True, side_effect=OperationalError("gone")) as find:
        answer = Client().get(PROMPTS, headers={"Authorization": f"Bearer {token_text.make()}"})
    check(answer, 503)
    assert find.call_count == 1
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def test_a_database_that_is_away_before_the_view_is_503_too(client: APIClient) -> None:
    with mock.patch("django.middleware.common.CommonMiddleware.process_request", side_effect=OperationalError("gone")):
        check(client.get(f"{PROMPTS}?status=failed"), 503)


@pytest.mark.parametrize("language", ["en", "th", "ar"])
def test_an_error_speaks_the_callers_language(language: str) -> None:
    answer = Client().get("/api/nothing", headers={"Accept-Language": f"{language},en;q=0.5"})
    with translation.override(language):
        expected = [str(text) for text in ADVICE[404]]
    assert [answer.json()["userMessage"], answer.json()["recoveryAction"]] == expected


def test_what_stands_before_the_language_middleware_speaks_it_too(settings: Any) -> None:
    settings.MAX_BODY_BYTES = 10
    with mock.patch("config.problems.translation.override") as override:
        Client().post(PROMPTS, "x" * 11, content_type="application/json", headers={"Accept-Language": "ar"})
    assert override.call_args.args == ("ar",)


@pytest.mark.parametrize("identifier", ["abc-123", "0af7651916cd43dd8448eb211c80319c", "a:b.c_d"])
def test_a_sane_correlation_id_is_kept(identifier: str) -> None:
    answer = Client().get("/healthz", headers={"X-Correlation-ID": identifier})
    assert answer.headers["X-Correlation-ID"] == identifier


@pytest.mark.parametrize("identifier", ["", "a b", "x\r\nSet-Cookie: a=b", "ก", "-x", "x" * 129, "a\x1b[31m"])
def test_another_correlation_id_is_replaced(identifier: str) -> None:
    answer = Client().get("/healthz", headers={"X-Correlation-ID": identifier})
    assert len(answer.headers["X-Correlation-ID"]) == 32
    assert answer.headers["X-Correlation-ID"].isalnum()


def test_log_lines_carry_the_correlation_id() -> None:
    seen: list[str] = []

    def respond(request: HttpRequest) -> Any:
        seen.append(correlation_id.get())
        return HttpResponse()

    request = HttpRequest()
    request.META["HTTP_X_CORRELATION_ID"] = "abc"
    CorrelationIdMiddleware(respond)(request)
    assert seen == ["abc"]


def test_the_log_line_of_an_error_carries_the_correlation_id() -> None:
    seen: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(correlation_id.get())

    listener = Listener()
    logging.getLogger("django.request").addHandler(listener)
    Client().get("/api/nothing", headers={"X-Correlation-ID": "abc-404"})
    logging.getLogger("django.request").removeHandler(listener)
    assert seen == ["abc-404"]
