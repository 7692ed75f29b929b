"""Proving a request on its page: what holds is called proven, what was tampered with is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import chain, checkpoints, keys
from prompts import proofs
from prompts.models import PromptRequest
from prompts.services import sealing
from prompts.tests.admin.conftest import make_staff, signed_in
from prompts.tests.admin.stories import answered
from prompts.tests.factories import make_request, make_user
from prompts.tests.services.sealed import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


def address(request: PromptRequest, action: str = "prove") -> str:
    return reverse(f"admin:prompts_promptrequest_{action}", args=[request.pk])


@pytest.fixture
def sealed() -> PromptRequest:
    """A request under a signed checkpoint."""
    request = answered("Paid.", prompt_text="How much?")
    sealing.seal_answers()
    while chain.link_waiting():
        pass
    checkpoints.write_due(at_once=True)
    return request


def test_a_sealed_request_is_proven_step_by_step(superuser_page: Client, sealed: PromptRequest) -> None:
    text = superuser_page.get(address(sealed)).text
    assert "Proven: the request and its answer are what they were" in text
    assert text.count('<span class="badge badge-completed">Yes</span>') == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE prompt_responses SET response_text = 'Free.' WHERE prompt_id = %s",
        "UPDATE prompt_requests SET purpose = 'Another' WHERE id = %s",
    ],
)
def test_what_was_tampered_with_is_not_proven(superuser_page: Client, sealed: PromptRequest, statement: str) -> None:
    as_owner(statement, [sealed.pk])
    text = superuser_page.get(address(sealed)).text
    assert "Not proven: something is not as it was." in text
    assert "The request, its version or its answer is not as it was when it was sealed." in text


def test_an_entry_that_was_changed_is_named(superuser_page: Client, sealed: PromptRequest) -> None:
    as_owner(
        "UPDATE audit_logs SET content = replace(content, '\"size\":1', '\"size\":2') WHERE action = 'requests.sealed'"
    )
    text = superuser_page.get(address(sealed)).text
    assert "The audit entry tells of another seal." in text


def test_before_a_checkpoint_it_is_not_proven_yet(superuser_page: Client) -> None:
    request = answered()
    sealing.seal_answers()
    text = superuser_page.get(address(request)).text
    assert "no signed checkpoint covers it" in text
    assert "Not yet" in text


def test_what_is_not_sealed_yet_has_nothing_to_prove(superuser_page: Client) -> None:
    for request in (answered(), make_request()):
        assert "Nothing to prove yet" in superuser_page.get(address(request)).text


def test_a_seal_that_is_gone_is_told(superuser_page: Client, sealed: PromptRequest) -> None:
    as_owner("DELETE FROM prompt_seals")
    assert "it isn" in superuser_page.get(address(sealed)).text.partition("Not proven:")[2]


def test_the_proof_to_take_along_is_checked_elsewhere(superuser_page: Client, sealed: PromptRequest) -> None:
    answer = superuser_page.get(address(sealed, "proof"))
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{sealed.pk}.json"'
    proof = json.loads(answer.content)
    assert proofs.faults(proof, trusted=keys.trusted_keys()) == []
    assert "How much?" not in answer.text


def test_without_a_seal_there_is_no_proof_to_take_along(superuser_page: Client) -> None:
    assert "There is no proof of this request." in superuser_page.get(address(answered(), "proof"), follow=True).text


def test_the_receipt_is_a_file(superuser_page: Client, sealed: PromptRequest) -> None:
    answer = superuser_page.get(address(sealed, "receipt"))
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{sealed.pk}.json"'
    assert answer.json()["request_id"] == str(sealed.pk)


@pytest.mark.parametrize("action", ["prove", "proof", "receipt"])
def test_nobody_proves_the_request_of_another(client: Client, action: str) -> None:
    request = answered()
    viewer, staff = make_staff("prompts.view_promptrequest"), make_user(is_staff=True)
    assert [signed_in(user).get(address(request, action)).status_code for user in (viewer, staff)] == [404, 404]
    answer: Any = client.get(address(request, action))
    assert "/admin/login/" in answer.url


@pytest.mark.parametrize("action", ["prove", "receipt"])
def test_a_viewer_proves_their_own_request(action: str) -> None:
    viewer = make_staff("prompts.view_promptrequest")
    assert signed_in(viewer).get(address(answered(user=viewer), action)).status_code == 200
