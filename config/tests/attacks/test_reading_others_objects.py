"""Reading others' objects: by id, by reference, through a list, a page, a part of a page, a file or an export."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.accounts import roles, tokens
from documents.models import Batch
from documents.tests.batching import make_batch
from documents.tests.factories import make_document, make_file
from prompts.models import PromptRequest
from prompts.tests.admin.benches import bench
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.stories import answered
from prompts.tests.factories import make_user
from prompts.tests.personas import client_of

CANARY = "canary of the owner"
LOOKS: tuple[str, ...] = ("prompts.view_promptrequest", "prompts.view_promptresponse", "prompts.write_promptversion")
LOOKS += ("documents.view_document", "documents.view_batch", "documents.add_document", "documents.add_batch")
#: What names somebody's request, document, batch, answer or token, for `format`.
API_READS = [
    "/api/ai/prompts/{request}",
    "/api/ai/prompts/{request}/receipt",
    "/api/ai/documents/{document}",
    "/api/ai/documents/{document}/original",
    "/api/ai/documents/{document}/pages/1/image",
    "/api/ai/documents/batches/{batch}",
    "/api/ai/documents/batches/{batch}/results",
    "/api/ai/documents/batches/{batch}/results.csv",
    "/api/ai/documents/batches/{batch}/results.jsonl",
    "/api/ai/documents/batches/{batch}/documents/1",
    "/api/ai/documents/batches/{batch}/compare?with={batch}",
]
API_LISTS = [
    "/api/ai/prompts/",
    "/api/ai/prompts/?search=canary",
    "/api/ai/prompts/?status=completed",
    "/api/ai/prompts/?model=simulator/default",
    "/api/ai/documents/",
    "/api/ai/documents/batches/",
    "/api/tokens/",
]
PAGES = [
    "/admin/prompts/promptrequest/{request}/change/",
    "/admin/prompts/promptrequest/{request}/history/",
    "/admin/prompts/promptrequest/{request}/prove/",
    "/admin/prompts/promptrequest/{request}/proof/",
    "/admin/prompts/promptrequest/{request}/receipt/",
    "/admin/prompts/promptrequest/{request}/replay/",
    "/admin/prompts/promptrequest/{request}/cancel/",
    "/admin/prompts/promptrequest/compare/?left={request}&right={request}",
    "/admin/prompts/promptresponse/{response}/change/",
    "/admin/documents/document/{document}/change/",
    "/admin/documents/document/{document}/original",
    "/admin/documents/document/{document}/pages/1/image",
    "/admin/documents/document/{document}/history/",
    "/admin/documents/batch/{batch}/change/",
    "/admin/documents/batch/{batch}/results.csv",
    "/admin/documents/batch/{batch}/results.jsonl",
    "/admin/documents/batch/{batch}/documents/1/",
    "/admin/documents/batch/{batch}/compare/?with={batch}",
    "/admin/documents/batch/{batch}/rerun/",
    "/admin/documents/batch/{batch}/accuracy/",
    "/admin/system/apitoken/{token}/change/",
    "/admin/system/apitoken/{token}/revoke/",
    "{bench}answer/{request}/?side=left",
    "{bench}comparison/?left={request}&right={request}",
    "{bench}?version=1&left={request}",
    "{bench}file/{document}/input/",
]
PAGE_LISTS = [
    "/admin/",
    "/admin/?window=30d",
    "/admin/prompts/promptrequest/",
    "/admin/prompts/promptrequest/?q=canary",
    "/admin/prompts/promptrequest/?user__username=owner",
    "/admin/prompts/promptrequest/?user__exact=1",
    "/admin/prompts/promptresponse/",
    "/admin/documents/document/?q=canary",
    "/admin/documents/batch/",
    "/admin/system/apitoken/",
    "/admin/autocomplete/?app_label=prompts&model_name=promptrequest&field_name=user&term=own",
]


@pytest.fixture
def names(db: None) -> dict[str, Any]:
    """The ids of what the owner has; each row holds the canary."""
    owner = make_user("owner")
    request = answered(CANARY, owner, prompt_text=CANARY, purpose=CANARY, metadata={"x": CANARY})
    document = make_document(owner, CANARY, f"{CANARY}.pdf")
    batch = make_batch([document], owner, purpose=CANARY, model="simulator/default")
    token = tokens.create(user=owner, name=CANARY, actor=owner).row
    keys = {"request": request.pk, "document": document.pk, "batch": batch.pk, "token": token.pk}
    return keys | {"response": request.response.pk, "bench": bench()}


@pytest.fixture
def stranger(db: None) -> Any:
    """Somebody who may look at everything that is their own, everywhere."""
    return make_staff(*LOOKS, username="stranger")


def sees(answer: Any) -> bool:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return CANARY.encode() in content


def test_an_id_of_theirs_is_not_there(names: dict[str, Any], stranger: Any) -> None:
    answers = {path: client_of(stranger).get(path.format(**names)) for path in API_READS}
    told = {path: (answer.status_code, sees(answer)) for path, answer in answers.items()}
    assert told == dict.fromkeys(API_READS, (404, False))


def test_no_list_has_it(names: dict[str, Any], stranger: Any) -> None:
    answers = {path: client_of(stranger).get(path) for path in API_LISTS}
    told = {path: (answer.status_code, sees(answer)) for path, answer in answers.items()}
    assert told == dict.fromkeys(API_LISTS, (200, False))


def expected_of(path: str) -> set[int]:
    """The console leads from what is not there to its home; the workbench itself is open, without those answers."""
    return {200, 404} if path.startswith(("{bench}?", "{bench}comparison")) else {302, 403, 404, 405}


def test_no_page_shows_it(names: dict[str, Any], stranger: Any) -> None:
    answers = {path: signed_in(stranger).get(path.format(**names)) for path in PAGES}
    assert [path for path, answer in answers.items() if sees(answer)] == []
    statuses = {path: answer.status_code for path, answer in answers.items()}
    assert {path: status for path, status in statuses.items() if status not in expected_of(path)} == {}


def test_no_list_of_the_console_has_it(names: dict[str, Any], stranger: Any) -> None:
    answers = {path: signed_in(stranger).get(path, follow=True) for path in PAGE_LISTS}
    assert [path for path, answer in answers.items() if sees(answer)] == []


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_no_export_has_it(names: dict[str, Any], stranger: Any, kind: str) -> None:
    answer = signed_in(stranger).post(f"{reverse(f'admin:prompts_promptrequest_export_{kind}')}?q=canary")
    assert (answer.status_code, sees(answer)) == (200, False)


REFERENCES: list[tuple[str, dict[str, Any]]] = [
    ("/api/ai/documents/batches/", {"promptType": "text", "model": "simulator/default", "documents": ["{document}"]}),
    ("/api/ai/prompts/{request}/replay", {}),
    ("/api/ai/prompts/{request}/cancel", {}),
    ("/api/ai/documents/batches/{batch}/rerun", {}),
    ("/api/ai/documents/batches/{batch}/retry", {}),
    ("/api/ai/documents/batches/{batch}/pause", {}),
    ("/api/ai/documents/batches/{batch}/resume", {}),
    ("/api/ai/documents/batches/{batch}/cancel", {}),
    ("/api/ai/prompts/text/1/sandbox", {"document": "{document}", "model": "simulator/default"}),
    ("/api/ai/documents/sets/", {"name": "mine", "documents": [{"document": "{document}", "fields": {"a": "1"}}]}),
]


@pytest.mark.parametrize(("path", "body"), REFERENCES, ids=[path for path, _body in REFERENCES])
def test_nothing_is_made_of_theirs(names: dict[str, Any], stranger: Any, path: str, body: dict[str, Any]) -> None:
    sent = json.loads(json.dumps(body).replace("{document}", str(names["document"])))
    before = PromptRequest.objects.count(), Batch.objects.count()
    answer = client_of(stranger).post(path.format(**names), sent)
    assert (answer.status_code in {400, 403, 404}, sees(answer)) == (True, False), answer.content
    assert (PromptRequest.objects.count(), Batch.objects.count()) == before
    assert Batch.objects.get().state == "running"


def test_the_same_content_brought_again_shows_nothing_of_the_first(names: dict[str, Any], stranger: Any) -> None:
    file = make_file(text="The same.")
    make_document(make_user(), name=f"{CANARY}.pdf", file=file)
    mine = make_document(stranger, name="mine.pdf", file=file)
    answer = client_of(stranger).get(f"/api/ai/documents/{mine.pk}")
    assert (answer.status_code, sees(answer)) == (200, False)


@pytest.mark.parametrize("role", ["Viewer", "Prompt editor", "Auditor"])
def test_no_role_but_the_highest_reads_the_requests_of_others(names: dict[str, Any], role: str) -> None:
    user = make_user(is_staff=True)
    roles.give(user, role)
    page: Client = signed_in(user)
    answers: list[Any] = [page.get(path.format(**names), follow=True) for path in PAGES[:9]]
    answers += [client_of(user).get(path.format(**names)) for path in API_READS]
    assert not [answer.request["PATH_INFO"] for answer in answers if sees(answer)]
