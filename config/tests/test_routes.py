"""Who gets what at every route. A route that is not in here fails the first test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import transaction
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from rest_framework.test import APIClient

from config.accounts import tokens
from config.models import ApiToken
from documents.models import AccuracyGate, AccuracyRun, Batch, BatchItem, Document
from documents.services import labelling
from documents.tests.factories import make_file
from prompts.models import PromptRequest, PromptVersion
from prompts.tests.factories import make_request, make_user
from prompts.tests.personas import client_of, make_admin

pytestmark = [pytest.mark.usefixtures("plain_static_files"), pytest.mark.timeout(300)]

QUESTION = {"prompt_type": "text", "prompt_text": "Say hello.", "model": "simulator/default"}
REQUEST_ID = UUID("01990000-0000-7000-8000-000000000001")
TOKEN_ID = UUID("01990000-0000-7000-8000-000000000004")
DOCUMENT_ID = UUID("01990000-0000-7000-8000-000000000002")
BATCH_ID = UUID("01990000-0000-7000-8000-000000000003")
BATCH = {"promptType": "text", "model": "simulator/default", "documents": [str(DOCUMENT_ID)]}
LABELS = {"name": "invoices", "documents": [{"document": str(DOCUMENT_ID), "fields": {"total": "12.00"}}]}


class Call(NamedTuple):
    """A call and its statuses for: nobody, the owner of what the path names, another user, who manages all."""

    method: str
    nobody: int
    owner: int
    stranger: int
    admin: int
    body: dict[str, Any] = {}


def public(method: str, status: int, body: dict[str, Any] | None = None) -> Call:
    return Call(method, status, status, status, status, body or {})


ROUTES: dict[str, list[Call]] = {
    "": [public("get", 302)],
    "healthz": [public("get", 200), public("post", 405)],
    "readyz": [public("get", 200), public("post", 405)],
    "metrics": [public("get", 200), public("post", 405)],
    "api/token/": [public("post", 400), public("post", 401, {"username": "x", "password": "y"}), public("get", 405)],
    "api/token/refresh/": [public("post", 400), public("post", 401, {"refresh": "x"}), public("get", 405)],
    "api/token/verify/": [public("post", 400), public("post", 401, {"token": "x"}), public("get", 405)],
    "api/tokens/": [
        Call("get", 401, 200, 200, 200),
        Call("post", 401, 201, 201, 201, {"name": "robot"}),
        Call("put", 401, 405, 405, 405),
        Call("delete", 401, 405, 405, 405),
    ],
    "api/tokens/<request_id:token_id>": [
        Call("delete", 401, 204, 404, 404),
        Call("get", 401, 405, 405, 405),
        Call("patch", 401, 405, 405, 405, {"name": "x"}),
    ],
    "api/ai/prompts/": [
        Call("get", 401, 200, 200, 200),
        Call("post", 401, 201, 201, 201, QUESTION),
        Call("options", 401, 200, 200, 200),
        Call("put", 401, 405, 405, 405),
        Call("patch", 401, 405, 405, 405),
        Call("delete", 401, 405, 405, 405),
    ],
    "api/ai/prompts/<request_id:id>": [
        Call("get", 401, 200, 404, 200),
        Call("put", 401, 405, 405, 405),
        Call("patch", 401, 405, 405, 405, {"status": "completed"}),
        Call("delete", 401, 405, 405, 405),
    ],
    "api/ai/prompts/<request_id:id>/cancel": [Call("post", 401, 200, 404, 200), Call("get", 401, 405, 405, 405)],
    "api/ai/prompts/<request_id:id>/replay": [Call("post", 401, 201, 404, 201), Call("get", 401, 405, 405, 405)],
    "api/ai/prompts/<request_id:id>/receipt": [Call("get", 401, 200, 404, 200), Call("post", 401, 405, 405, 405)],
    "api/ai/prompts/<prompt_type:promptType>": [
        Call("get", 401, 403, 403, 200),
        Call("post", 401, 403, 403, 201, {"template": "Say {{input}}."}),
        Call("put", 401, 403, 403, 405),
        Call("patch", 401, 403, 403, 405),
        Call("delete", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<prompt_type:promptType>/<version_number:versionNumber>": [
        Call("get", 401, 403, 403, 200),
        Call("delete", 401, 403, 403, 400),
        Call("put", 401, 403, 403, 405),
        Call("patch", 401, 403, 403, 405, {"template": "Say {{input}}."}),
        Call("post", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<prompt_type:promptType>/<version_number:versionNumber>/activate": [
        Call("post", 401, 403, 403, 200),
        Call("get", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<prompt_type:promptType>/<version_number:versionNumber>/note": [
        Call("patch", 401, 403, 403, 200, {"manualNote": "Good."}),
        Call("put", 401, 403, 403, 405),
        Call("get", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<prompt_type:promptType>/<version_number:versionNumber>/sandbox": [
        Call("post", 401, 403, 403, 202, {"text": "Say hello.", "model": "simulator/default"}),
        Call("get", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<prompt_type:promptType>/sandbox": [
        Call("post", 401, 403, 403, 202, {"text": "Say hello.", "model": "simulator/default"}),
        Call("get", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<prompt_type:promptType>/gate": [
        Call("get", 401, 403, 403, 200),
        Call("put", 401, 403, 403, 200, {"labelledSet": "receipts", "threshold": 0.9}),
        Call("delete", 401, 403, 403, 204),
        Call("post", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<slug:promptType>/diff": [
        Call("get", 401, 403, 403, 400),
        Call("post", 401, 403, 403, 405),
    ],
    "api/ai/prompts/<slug:promptType>/render": [
        Call("post", 401, 200, 200, 200, {"variables": {"input": "Say hello."}}),
        Call("get", 401, 405, 405, 405),
    ],
    "api/ai/prompts/<slug:promptType>/active": [
        Call("get", 401, 200, 200, 200),
        Call("head", 401, 200, 200, 200),
        Call("options", 401, 200, 200, 200),
        Call("post", 401, 405, 405, 405),
        Call("put", 401, 405, 405, 405),
        Call("patch", 401, 405, 405, 405),
        Call("delete", 401, 405, 405, 405),
    ],
    "api/ai/models": [Call("get", 401, 200, 200, 200), Call("post", 401, 405, 405, 405)],
    "api/ai/prompt-types/": [
        Call("get", 401, 200, 200, 200),
        Call("post", 401, 403, 403, 201, {"slug": "poem", "label": "Poem"}),
    ],
    "api/ai/prompt-types/<slug:slug>": [
        Call("get", 401, 200, 200, 200),
        Call("patch", 401, 403, 403, 200, {"label": "Prose"}),
        Call("put", 401, 403, 403, 405),
        Call("delete", 401, 403, 403, 405),
    ],
    "api/ai/documents/": [
        Call("get", 401, 200, 200, 200),
        Call("post", 401, 400, 400, 400),
        Call("put", 401, 405, 405, 405),
        Call("delete", 401, 405, 405, 405),
    ],
    "api/ai/documents/<document_id:id>": [
        Call("get", 401, 200, 404, 200),
        Call("put", 401, 405, 405, 405),
        Call("patch", 401, 405, 405, 405, {"name": "x"}),
        Call("delete", 401, 405, 405, 405),
    ],
    # The document of these tests is no file on any disk.
    "api/ai/documents/<document_id:id>/original": [Call("get", 401, 404, 404, 404), Call("post", 401, 405, 405, 405)],
    "api/ai/documents/<document_id:id>/pages/<int:page>/image": [
        Call("get", 401, 404, 404, 404),
        Call("post", 401, 405, 405, 405),
    ],
    "api/ai/documents/batches/": [Call("get", 401, 200, 200, 200), Call("post", 401, 201, 400, 201, BATCH)],
    "api/ai/documents/batches/<batch_id:id>": [
        Call("get", 401, 200, 404, 200),
        Call("put", 401, 405, 405, 405),
        Call("patch", 401, 405, 405, 405, {"state": "finished"}),
        Call("delete", 401, 405, 405, 405),
    ],
    **{
        f"api/ai/documents/batches/<batch_id:id>/{step}": [
            Call("post", 401, 200, 404, 200),
            Call("get", 401, 405, 405, 405),
        ]
        for step in ("pause", "resume", "cancel")
    },
    # What was measured is not asked again, but in a batch of its own.
    "api/ai/documents/batches/<batch_id:id>/retry": [Call("post", 401, 200, 404, 200), Call("get", 401, 405, 405, 405)],
    "api/ai/documents/batches/<batch_id:id>/rerun": [Call("post", 401, 201, 404, 201), Call("get", 401, 405, 405, 405)],
    **{
        f"api/ai/documents/batches/<batch_id:id>/{part}": [
            Call("get", 401, 200, 404, 200),
            Call("post", 401, 405, 405, 405),
        ]
        for part in ("results", "results.csv", "results.jsonl", "documents/<int:position>")
    },
    "api/ai/documents/batches/<batch_id:id>/compare": [
        Call("get", 401, 200, 404, 200, {"with": str(BATCH_ID)}),
        Call("post", 401, 405, 405, 405),
    ],
    "api/ai/documents/sets/": [Call("get", 401, 403, 403, 200), Call("post", 401, 403, 403, 201, LABELS)],
    "api/ai/documents/sets/<slug:name>": [
        Call("get", 401, 403, 403, 200),
        Call("put", 401, 403, 403, 405),
        Call("delete", 401, 403, 403, 405),
    ],
    "api/ai/documents/sets/<slug:name>/run": [
        Call("post", 401, 403, 403, 201, {"promptType": "text", "model": "simulator/default"}),
        Call("get", 401, 403, 403, 405),
    ],
    "api/ai/documents/sets/<slug:name>/accuracy": [Call("get", 401, 403, 403, 200), Call("post", 401, 403, 403, 405)],
    "api/ai/documents/sets/<slug:name>/accuracy/<request_id:id>": [
        Call("get", 401, 403, 403, 200),
        Call("post", 401, 403, 403, 405),
    ],
    "api/audit/": [
        Call("get", 401, 403, 403, 200),
        Call("post", 401, 403, 403, 405, {"action": "forged"}),
        Call("put", 401, 403, 403, 405),
        Call("patch", 401, 403, 403, 405),
        Call("delete", 401, 403, 403, 405),
    ],
    "api/audit/state": [Call("get", 401, 403, 403, 200), Call("post", 401, 403, 403, 405)],
    "api/schema/": [public("get", 200)],
    "api/docs/": [public("get", 200)],
    "api/redoc/": [public("get", 200)],
    "^api(?:/.*)?$": [public("get", 404), public("post", 404)],
    "api-auth/login/": [public("get", 200)],
    "api-auth/logout/": [public("post", 200), public("get", 405)],
    "i18n/setlang/": [public("post", 302), public("get", 302)],
    "admin": [public("get", 302)],
}
ARGUMENTS = {
    "accuracy/<request_id:id>": f"accuracy/{BATCH_ID}",
    "<request_id:id>": str(REQUEST_ID),
    "<request_id:token_id>": str(TOKEN_ID),
    "<document_id:id>": str(DOCUMENT_ID),
    "<batch_id:id>": str(BATCH_ID),
    "<int:position>": "1",
    "<int:page>": "1",
    "<slug:name>": "receipts",
    "<slug:slug>": "text",
    "<slug:promptType>": "text",
    "<prompt_type:promptType>": "text",
    "<version_number:versionNumber>": "1",
    "^api(?:/.*)?$": "api/ai/nothing-here",
}
CASES = [(route, call) for route, calls in ROUTES.items() for call in calls]
PEOPLE = ("nobody", "owner", "stranger", "admin")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


def address(route: str) -> str:
    for placeholder, value in ARGUMENTS.items():
        route = route.replace(placeholder, value)
    return f"/{route}"


def admin_address(route: str) -> str:
    """With something in the place of every argument."""
    app_list = re.sub(r"\^\(\?P<app_label>[^)]*\)/\$", "auth/", route)
    return "/" + re.sub(r"<[^>]*>|\(\?P<url>\.\*\)\$", "1", app_list.replace("<uuid:identifier>", str(REQUEST_ID)))


ADMIN_ROUTES = [route for route in routes() if route.startswith("admin/") and route != "admin/login/"]


def make_measured_batch(owner: Any) -> None:
    """A batch of one labelled document that was measured, and a gate; with the ids of the table."""
    document = Document.objects.create(id=DOCUMENT_ID, user=owner, file=make_file(), name="receipt.pdf")
    labelled_set = labelling.import_set(actor=owner, name="receipts", labelled=[(document, {"total": "12.00"})])
    version = PromptVersion.objects.get(prompt_type__slug="text", is_active=True)
    pinned = {"prompt_type_id": "text", "version": version, "model": "simulator/default", "placeholder": "input"}
    batch = Batch.objects.create(id=BATCH_ID, user=owner, **pinned)
    BatchItem.objects.create(batch=batch, position=1, document=document)
    counts = {"documents": 1, "unanswered": 1, "fields": 1, "exact": 0, "normalised": 0}
    by_field = {"total": {"fields": 1, "exact": 0, "normalised": 0}}
    AccuracyRun.objects.create(
        batch=batch, version=version, labelled_set=labelled_set, model=batch.model, by_field=by_field, **counts
    )
    AccuracyGate.objects.create(prompt_type_id="text", labelled_set=labelled_set, threshold=Decimal("0.5"))


@pytest.fixture
def clients(db: None) -> dict[str, APIClient]:
    owner, stranger = make_user("owner"), make_user("stranger")
    make_request(owner, id=REQUEST_ID)
    make_measured_batch(owner)
    token = tokens.create(user=owner, name="nightly", actor=owner).row
    ApiToken.objects.filter(pk=token.pk).update(id=TOKEN_ID)
    return {
        "nobody": client_of(),
        "owner": client_of(owner),
        "stranger": client_of(stranger),
        "admin": client_of(make_admin()),
    }


def test_every_route_is_in_the_table() -> None:
    assert {route for route in routes() if not route.startswith("admin/")} == set(ROUTES)


def test_each_person_gets_what_the_table_says(clients: dict[str, APIClient]) -> None:
    wrong = []
    for route, call in CASES:
        given = {person: answer_to(clients[person], route, call) for person in PEOPLE}
        if given != {person: getattr(call, person) for person in PEOPLE}:
            wrong.append(f"{call.method} {route} {given}")
    assert wrong == []


def answer_to(client: APIClient, route: str, call: Call) -> int:
    """The status; what the call has changed is taken back, so that the next one finds everything as it was."""
    with transaction.atomic():
        answer = getattr(client, call.method)(address(route), call.body or None)
        transaction.set_rollback(True)
    return int(answer.status_code)


def test_every_api_path_works_with_and_without_the_trailing_slash(clients: dict[str, APIClient]) -> None:
    for route in (route for route in ROUTES if route.startswith(("api/", "healthz", "readyz"))):
        path = address(route).rstrip("/")
        answers = [clients["admin"].get(each) for each in (path, f"{path}/")]
        assert len({answer.status_code for answer in answers}) == 1, route
        assert answers[0].status_code not in {301, 302, 307, 308}, route
        # There is a document without its file, which is a 404 of another kind.
        assert answers[0].status_code != 404 or b"nothing at this address" not in answers[0].content, route


def test_the_admin_shows_who_is_not_staff_only_the_way_in(clients: dict[str, APIClient]) -> None:
    clients["owner"].force_login(make_user("plain"), backend="django.contrib.auth.backends.ModelBackend")
    for route, person, method in product(ADMIN_ROUTES, ("nobody", "owner"), ("get", "post")):
        answer = getattr(clients[person], method)(admin_address(route))
        assert answer.status_code in {302, 403, 405}, (route, person, method)
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/admin/"), (route, person, method)
    assert PromptRequest.objects.get().status == "pending"
