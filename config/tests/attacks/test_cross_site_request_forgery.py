"""CSRF: another site's page can have nothing done in the name of whoever looks at it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.tests.conftest import PASSWORD
from config.tests.test_routes import ADMIN_ROUTES, ROUTES, address, admin_address
from prompts.models import PromptRequest
from prompts.tests.factories import make_request

BODY = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}
API_ROUTES = [route for route in ROUTES if route.startswith("api/") and "token" not in route]
#: What a form of another site can send without asking first.
SIMPLE_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]


def test_no_page_of_the_console_takes_a_form_without_its_token(console: Client) -> None:
    answers = {route: console.post(admin_address(route), {"_confirm": "yes"}) for route in ADMIN_ROUTES}
    assert {route: answer.status_code for route, answer in answers.items() if answer.status_code != 403} == {}
    assert [route for route, answer in answers.items() if "X-Correlation-ID" not in answer.headers] == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_session_alone_changes_nothing_over_the_api(console: Client, method: str) -> None:
    send = getattr(console, method)
    given = {route: send(address(route), BODY, content_type="application/json").status_code for route in API_ROUTES}
    # What is at no address, and what is only read, does nothing for anybody.
    assert {route: status for route, status in given.items() if status not in {403, 404, 405}} == {}
    assert not PromptRequest.objects.exists()


@pytest.mark.parametrize("content_type", SIMPLE_TYPES)
def test_a_simple_form_of_another_site_is_no_body_of_the_api(console: Client, content_type: str) -> None:
    sent = '{"prompt_type": "text", "prompt_text": "x", "ignored": "=x"}'
    assert console.post("/api/ai/prompts/", sent, content_type=content_type).status_code in {403, 415}
    assert not PromptRequest.objects.exists()


def token_of(browser: Client) -> str:
    """As the page shows it, once the cookie is set."""
    browser.get("/admin/")
    return browser.cookies["csrftoken"].value


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example", "http://evil@testserver"]
)
def test_even_with_a_token_another_origin_is_refused(console: Client, origin: str) -> None:
    request = make_request()
    headers = {"X-CSRFToken": token_of(console), "Origin": origin}
    sent = console.post(f"/api/ai/prompts/{request.pk}/cancel", {}, "application/json", headers=headers)
    assert sent.status_code == 403
    request.refresh_from_db()
    assert request.status == "pending"


def test_the_token_of_one_browser_opens_no_other(console: Client) -> None:
    request = make_request()
    stolen = Client(enforce_csrf_checks=True)
    stolen.get("/admin/login/")
    headers = {"X-CSRFToken": stolen.cookies["csrftoken"].value, "Origin": "http://testserver"}
    token_of(console)
    sent = console.post(f"/api/ai/prompts/{request.pk}/cancel", {}, "application/json", headers=headers)
    assert sent.status_code == 403


@pytest.mark.parametrize("page", ["/admin/login/", "/api-auth/login/"])
def test_nobody_is_signed_in_to_an_attackers_account(ann: Any, page: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(page, {"username": "ann", "password": PASSWORD}).status_code == 403
    assert "sessionid" not in browser.cookies


@pytest.mark.parametrize("page", ["/admin/logout/", "/api-auth/logout/", "/i18n/setlang/"])
def test_nobody_is_signed_out_or_led_elsewhere(console: Client, page: str) -> None:
    assert console.post(page, {"language": "ar"}).status_code == 403
    assert console.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["/admin/logout/", "/admin/operations/retry/"])
def test_a_link_does_nothing(console: Client, path: str) -> None:
    assert console.get(path).status_code == 405


def test_cookies_stay_with_this_site_and_from_scripts(ann: Any) -> None:
    browser = Client()
    answer = browser.post("/api-auth/login/", {"username": "ann", "password": PASSWORD})
    session, token = answer.cookies["sessionid"], answer.cookies["csrftoken"]
    assert [each["samesite"] for each in (session, token)] == ["Lax", "Lax"]
    assert session["httponly"] is True


def test_the_right_token_of_this_site_opens(console: Client) -> None:
    request = make_request()
    headers = {"X-CSRFToken": token_of(console), "Origin": "http://testserver"}
    sent = console.post(f"/api/ai/prompts/{request.pk}/cancel", {}, "application/json", headers=headers)
    assert sent.status_code == 200
