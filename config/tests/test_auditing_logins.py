"""Sign-ins and lock-outs are written down; what was typed is not."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client

from audit import log
from audit.models import AuditEntry
from config.tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("plain_static_files")

JSON = "application/json"
CANARY = "my-password-in-the-wrong-field"


def told(action: str) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(action=action).order_by("at", "id")
    return [json.loads(entry.content) for entry in entries]


def sign_in(path: str, password: str = PASSWORD, username: str = "ann") -> Any:
    body: Any = {"username": username, "password": password}
    client = Client(raise_request_exception=False, headers={"X-Correlation-ID": "login-1"})
    return client.post(path, body, content_type=JSON) if path == "/api/token/" else client.post(path, body)


@pytest.fixture
def staff_ann(ann: Any) -> Any:
    ann.is_staff = True
    ann.save()
    return ann


@pytest.mark.parametrize(
    ("path", "channel", "method"),
    [("/api/token/", "api", "token"), ("/admin/login/", "admin", "session"), ("/api-auth/login/", "api", "session")],
)
def test_a_sign_in_is_one_entry(staff_ann: Any, path: str, channel: str, method: str) -> None:
    assert sign_in(path).status_code in {200, 302}
    (entry,) = told("login.succeeded")
    assert entry["actor"] == {"id": staff_ann.pk, "label": "ann"}
    assert entry["target"] == {"type": "system.user", "id": str(staff_ann.pk), "label": "ann"}
    assert entry["details"] == {"method": method}
    assert entry["origin"] == {"channel": channel, "address": "127.0.0.1", "correlation_id": "login-1"}


@pytest.mark.parametrize("path", ["/api/token/", "/admin/login/", "/api-auth/login/"])
def test_a_sign_in_is_no_change_of_the_account(staff_ann: Any, path: str) -> None:
    before = AuditEntry.objects.filter(action="user.changed").count()
    sign_in(path)
    assert AuditEntry.objects.filter(action="user.changed").count() == before


@pytest.mark.parametrize("path", ["/api/token/", "/admin/login/", "/api-auth/login/"])
def test_a_wrong_password_is_no_sign_in(staff_ann: Any, path: str) -> None:
    sign_in(path, "wrong")
    assert told("login.succeeded") == told("login.locked_out") == []


def test_a_renewed_token_is_no_sign_in(ann: Any) -> None:
    refresh = sign_in("/api/token/").json()["refresh"]
    Client().post("/api/token/refresh/", {"refresh": refresh}, content_type=JSON)
    assert len(told("login.succeeded")) == 1


@pytest.mark.parametrize("path", ["/api/token/", "/admin/login/"])
def test_whoever_can_not_be_written_down_is_not_let_in(staff_ann: Any, path: str) -> None:
    with patch.object(log, "append", side_effect=RuntimeError, autospec=True):
        answer = sign_in(path)
    assert answer.status_code == 500
    assert "sessionid" not in answer.cookies
    assert "access" not in answer.text


@pytest.mark.parametrize("path", ["/api/token/", "/admin/login/"])
def test_a_lock_is_one_entry_however_often_it_is_tried(staff_ann: Any, path: str) -> None:
    for _attempt in range(9):
        sign_in(path, "wrong")
    (entry,) = told("login.locked_out")
    assert entry["target"] == {"type": "system.user", "id": str(staff_ann.pk), "label": "ann"}
    assert entry["details"] == {"failures": 5, "seconds": 900}
    assert entry["actor"]["id"] is None
    assert entry["origin"]["address"] == "127.0.0.1"


def test_the_right_password_during_a_lock_is_neither_a_sign_in_nor_another_lock(ann: Any) -> None:
    for _attempt in range(5):
        sign_in("/api/token/", "wrong")
    assert sign_in("/api/token/").status_code == 429
    assert told("login.succeeded") == []
    assert len(told("login.locked_out")) == 1


def test_another_lock_after_the_first_is_another_entry(ann: Any) -> None:
    for _attempt in range(5):
        sign_in("/api/token/", "wrong")
    AccessAttempt.objects.update(attempt_time=Now() - timedelta(seconds=901))
    for _attempt in range(5):
        sign_in("/api/token/", "wrong")
    assert len(told("login.locked_out")) == 2


@pytest.mark.parametrize("path", ["/api/token/", "/admin/login/"])
def test_a_name_that_is_no_accounts_is_not_told(ann: Any, path: str) -> None:
    for _attempt in range(5):
        sign_in(path, "wrong", username=CANARY)
    (entry,) = told("login.locked_out")
    assert entry["target"] == {"type": "", "id": "", "label": ""}
    assert CANARY not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_a_token_made_on_the_command_line_is_told(ann: Any) -> None:
    output = io.StringIO()
    call_command("create_token", "ann", stdout=output)
    (entry,) = told("token.created")
    assert (entry["target"]["label"], entry["actor"]["id"], entry["origin"]["channel"]) == ("ann", None, "command")
    tokens = [line.split(": ")[1] for line in output.getvalue().splitlines()]
    assert not any(token in json.dumps(entry) for token in tokens)
