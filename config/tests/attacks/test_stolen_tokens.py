"""Stolen and misplaced tokens: one is taken from its header only, and ends when it is said to end, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from config.accounts import tokens
from config.models import ApiToken, User
from documents.tests.factories import make_document
from prompts.tests.admin.stories import answered
from prompts.tests.personas import bearer, client_of

PLACES: list[dict[str, Any]] = [
    {"query_params": {"token": "{}"}},
    {"query_params": {"access_token": "{}"}},
    {"query_params": {"Authorization": "Bearer {}"}},
    {"headers": {"X-API-Key": "{}"}},
    {"headers": {"X-Authorization": "Bearer {}"}},
    {"headers": {"Proxy-Authorization": "Bearer {}"}},
    {"headers": {"Authorization": "Basic {}"}},
    {"headers": {"Authorization": "Token {}"}},
    {"headers": {"Authorization": "{}"}},
    {"headers": {"Authorization": "Bearer {}, Bearer {}"}},
    {"headers": {"Authorization": "Bearer {} x"}},
    {"headers": {"Authorization": "Bearer\xa0{}"}},
    {"headers": {"Cookie": "sessionid={}"}},
    {"headers": {"Cookie": "Authorization=Bearer {}; access={}; token={}"}},
]
READS = ["/api/ai/prompts/", "/api/ai/prompts/text/active", "/api/ai/models", "/api/ai/documents/", "/api/tokens/"]


def put(place: dict[str, Any], token: str) -> dict[str, Any]:
    return {kind: {name: text.format(*[token] * 3) for name, text in each.items()} for kind, each in place.items()}


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("kind", ["API token", "access token"])
def test_a_token_elsewhere_than_in_its_header_opens_nothing(ann: Any, kind: str, place: dict[str, Any]) -> None:
    token = tokens.create(user=ann, name="robot", actor=ann).text if kind == "API token" else bearer(ann)[7:]
    for path in READS:
        client = Client(raise_request_exception=False)
        assert client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert client.get(path, **put(place, token)).status_code == 401, path


def revoke(row: ApiToken) -> None:
    tokens.revoke(row.pk, actor=row.user)


def expire(row: ApiToken) -> None:
    ApiToken.objects.filter(pk=row.pk).update(created_at=Now() - timedelta(days=2), expires_at=Now())


def switch_off(row: ApiToken) -> None:
    User.objects.filter(pk=row.user_id).update(is_active=False)


@pytest.mark.parametrize("end", [revoke, expire, switch_off])
def test_one_that_has_ended_reaches_nothing_that_it_reached_before(ann: Any, end: Callable[[ApiToken], None]) -> None:
    new, request, document = tokens.create(user=ann, name="robot", actor=ann), answered("x", ann), make_document(ann)
    paths = [*READS, f"/api/ai/prompts/{request.pk}", f"/api/ai/prompts/{request.pk}/receipt"]
    paths += [f"/api/ai/documents/{document.pk}", "/api/ai/documents/batches/"]
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {new.text}"})
    assert {client.get(path).status_code for path in paths} == {200}
    end(new.row)
    assert {client.get(path).status_code for path in paths} == {401}
    posts = ["/api/ai/prompts/", f"/api/ai/prompts/{request.pk}/replay", "/api/ai/documents/", "/api/tokens/"]
    assert {client.post(path, {}, content_type="application/json").status_code for path in posts} == {401}


def test_it_opens_no_page_of_the_console(root: Any) -> None:
    text = tokens.create(user=root, name="robot", actor=root).text
    for header in (f"Bearer {text}", bearer(root)):
        answer = Client().get("/admin/system/user/", headers={"Authorization": header})
        assert answer.status_code == 302


def test_somebody_elses_is_neither_seen_nor_revoked_by_guessing(ann: Any, root: Any) -> None:
    theirs = tokens.create(user=root, name="robot", actor=root)
    client = client_of(ann)
    assert client.delete(f"/api/tokens/{theirs.row.pk}").status_code == 404
    assert theirs.row.beginning not in client.get("/api/tokens/").text
    assert Client().get(READS[0], headers={"Authorization": f"Bearer {theirs.text}"}).status_code == 200


def test_neither_its_digest_nor_its_id_is_it(ann: Any) -> None:
    new = tokens.create(user=ann, name="robot", actor=ann)
    for text in (new.row.digest.hex(), f"apm_{new.row.digest.hex()[:43]}", str(new.row.pk), new.row.beginning):
        assert Client().get(READS[0], headers={"Authorization": f"Bearer {text}"}).status_code == 401
