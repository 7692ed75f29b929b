"""GET …/receipt: what was asked and answered, as hashes."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from prompts.models import PromptRequest, PromptSeal
from prompts.services import execution, recording, sealing
from prompts.tests.factories import completed, make_request
from prompts.tests.services.sealed import answered

PROMPTS = "/api/ai/prompts/"

whole = pytest.mark.django_db(transaction=True)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@whole
@pytest.mark.parametrize("reader", ["as_owner", "as_admin"])
def test_owner_and_admin_get_the_receipt_of_an_answer(owner: Any, reader: str, request: Any) -> None:
    prompt = make_request(owner, prompt_text="Say สวัสดี.", parameters={"seed": 1})
    (claim,) = execution.claim(1, worker="one")
    recording.record([completed(claim, "สวัสดี")])
    receipt = request.getfixturevalue(reader).get(f"{PROMPTS}{prompt.pk}/receipt").json()
    prompt.refresh_from_db()
    assert receipt.pop("created_at").endswith("Z")
    assert receipt.pop("finished_at").endswith("Z")
    assert receipt == {
        "request_id": str(prompt.pk),
        "user": {"id": owner.pk, "username": "owner"},
        "prompt_type": "text",
        "version_number": None,
        "template_sha256": None,
        "rendered_sha256": sha256("Say สวัสดี."),
        "parameters": {"seed": 1},
        "model": "simulator/default",
        "reported_model": "default",
        "provider": "simulator",
        "attempt": 1,
        "provider_request_id": "",
        "response_sha256": sha256("สวัสดี"),
        "finish_reason": "stop",
        "status": "completed",
        "sealed": None,
        "texts_erased_at": None,
    }


def test_a_request_without_an_answer_has_a_receipt_too(as_owner: APIClient, owner: Any) -> None:
    receipt = as_owner.get(f"{PROMPTS}{make_request(owner).pk}/receipt").json()
    assert (receipt["status"], receipt["response_sha256"], receipt["sealed"]) == ("pending", None, None)


def test_a_strangers_receipt_and_an_unknown_one_answer_alike(as_stranger: APIClient, owner: Any) -> None:
    theirs, nobodys = make_request(owner).pk, uuid4()
    first, second = (as_stranger.get(f"{PROMPTS}{identifier}/receipt") for identifier in (theirs, nobodys))
    assert (first.status_code, second.status_code) == (404, 404)
    assert first.content.replace(str(theirs).encode(), b"") == second.content.replace(str(nobodys).encode(), b"")


def test_an_id_in_capitals_is_the_same_request(as_owner: APIClient, owner: Any) -> None:
    identifier = str(make_request(owner).pk).upper()
    assert as_owner.get(f"{PROMPTS}{identifier}").status_code == 200
    assert as_owner.get(f"{PROMPTS}{identifier}/receipt").status_code == 200
    assert as_owner.post(f"{PROMPTS}{identifier}/cancel").status_code == 200
    assert PromptRequest.objects.get().status == "cancelled"


@whole
def test_a_sealed_answer_shows_where_it_is_sealed(as_admin: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    _first, second = answered(2)
    assert sealing.seal_answers() == 2
    seal = PromptSeal.objects.get()
    shown = as_admin.get(f"{PROMPTS}{second.pk}/receipt").json()["sealed"]
    assert shown == {
        "entry": str(seal.entry_id),
        "root": bytes(seal.root).hex(),
        "index": seal.request_ids.index(second.pk),
        "size": 2,
        "seq": None,
    }
