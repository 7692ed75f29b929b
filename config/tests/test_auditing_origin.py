"""Each entry tells where it came from."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from audit import log, origin
from audit.models import AuditEntry
from audit.origin import Origin
from config.auditing import calls
from config.logs import correlation_id
from config.middleware import CorrelationIdMiddleware, OriginMiddleware
from prompts.models import PromptType
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of, make_admin

WHICH_CHANNEL = """
import django
django.setup()
from audit import origin
from config.celery import app
print(origin.current().channel)
app.Worker(pool="threads")
print(origin.current().channel)
"""


@pytest.fixture(autouse=True)
def _own_correlation_id() -> Iterator[None]:
    token = correlation_id.set("-")
    yield
    correlation_id.reset(token)


def seen_by_view(path: str = "/api/x", **environment: Any) -> Origin:
    """The origin that a view's code finds."""
    found: list[Origin] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(origin.current())
        return HttpResponse()

    CorrelationIdMiddleware(OriginMiddleware(view))(RequestFactory().get(path, **environment))
    return found[0]


@pytest.mark.parametrize(
    ("path", "channel"),
    [("/api/token/", "api"), ("/admin/system/user/", "admin"), ("/administrators", "api"), ("/api-auth/login/", "api")],
)
def test_the_channel_is_the_part_of_the_server(path: str, channel: str) -> None:
    assert seen_by_view(path).channel == channel


def test_the_callers_correlation_id_is_kept() -> None:
    assert seen_by_view(HTTP_X_CORRELATION_ID="abc-1").correlation_id == "abc-1"


@pytest.mark.parametrize("address", ["", "not an address", "fe80::1%eth0", "'; DROP TABLE audit_logs; --"])
def test_a_peer_without_an_address_is_told_as_none(address: str) -> None:
    assert seen_by_view(REMOTE_ADDR=address).address == "0.0.0.0"


def test_the_address_behind_a_proxy_of_ours_is_the_callers(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    assert seen_by_view(HTTP_X_FORWARDED_FOR="203.0.113.1, 198.51.100.7").address == "198.51.100.7"


def test_a_forwarded_address_with_a_zone_is_not_believed(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    assert seen_by_view(HTTP_X_FORWARDED_FOR="fe80::1%eth0").address == "127.0.0.1"


def test_after_a_request_nothing_of_it_is_left() -> None:
    seen_by_view("/admin/")
    assert origin.current() == Origin("command")
    assert calls.current_actor() is None


def test_after_a_request_that_fails_nothing_of_it_is_left() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        OriginMiddleware(view)(RequestFactory().get("/admin/"))
    assert origin.current() == Origin("command")


@pytest.mark.django_db
@pytest.mark.parametrize("peer", ["127.0.0.1", "2001:db8::7", "", "fe80::1%eth0"])
def test_every_address_that_is_told_can_be_stored(peer: str) -> None:
    with calls.answering(RequestFactory().get("/api/", REMOTE_ADDR=peer)), transaction.atomic():
        log.append("thing.done", actor=None)
    assert AuditEntry.objects.get().channel == "api"


@pytest.mark.django_db
def test_an_anonymous_request_acts_for_nobody() -> None:
    request = RequestFactory().get("/api/")
    request.user = AnonymousUser()
    with calls.answering(request):
        assert calls.current_actor() is None


@pytest.mark.django_db
def test_a_request_acts_for_whoever_signed_in_to_it() -> None:
    request = RequestFactory().get("/api/")
    request.user = make_user("ann")
    with calls.answering(request):
        actor = calls.current_actor()
    assert actor is not None
    assert actor.get_username() == "ann"


@pytest.mark.serial
def test_what_a_worker_process_does_comes_from_the_worker(child_environment: dict[str, str], db: None) -> None:
    command = [sys.executable, "-c", WHICH_CHANNEL]
    done = subprocess.run(command, env=child_environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["command", "worker"], done.stderr


def told_of_types() -> list[tuple[str, str, Origin]]:
    """Action, actor and origin of each entry about a type."""
    entries = AuditEntry.objects.filter(target_type="prompts.prompttype").order_by("at", "id")
    contents = [json.loads(entry.content) for entry in entries]
    return [(told["action"], told["actor"]["label"], Origin(**told["origin"])) for told in contents]


@pytest.mark.django_db
def test_a_type_that_is_changed_over_the_api_tells_who_did_it_and_from_where() -> None:
    client = client_of(make_admin(), headers={"X-Correlation-ID": "call-7"})
    client.post("/api/ai/prompt-types/", {"slug": "poem", "label": "Poem"})
    client.patch("/api/ai/prompt-types/poem", {"label": "Verse"})
    client.patch("/api/ai/prompt-types/poem", {"label": "Verse"})
    client.patch("/api/ai/prompt-types/poem", {"default_model": "nobody/nothing"})
    source = Origin("api", "127.0.0.1", "call-7")
    assert told_of_types() == [
        ("prompt_type.created", "admin", source),
        ("prompt_type.changed", "admin", source),
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("plain_static_files")
def test_a_type_that_is_removed_in_the_console_tells_who_did_it_and_from_where() -> None:
    kind = PromptType.objects.create(slug="poem", label="Poem")
    boss = make_user("boss", is_staff=True, is_superuser=True)
    client = Client(headers={"X-Correlation-ID": "call-8"})
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("admin:prompts_prompttype_delete", args=[kind.pk]), {"post": "yes"})
    assert told_of_types() == [("prompt_type.deleted", "boss", Origin("admin", "127.0.0.1", "call-8"))]
