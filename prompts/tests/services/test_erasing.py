"""Erased texts are gone for good, and what is left is still proved; nothing else can be changed that way."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit import chain, checkpoints
from audit.keys import trusted_keys
from prompts import proofs, receipts
from prompts.models import PromptAttempt, PromptRequest, PromptResponse, PromptSeal
from prompts.sealed_facts import NO_SALT, OF_TEXTS
from prompts.services import execution, proving, recording, sealing
from prompts.services.erasing import delete_facts, erase_purposes, erase_texts
from prompts.tests.factories import failed, make_request
from prompts.tests.services.sealed import answered, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


def sealed(number: int = 1) -> list[PromptRequest]:
    requests = answered(number)
    assert sealing.seal_answers() == number
    while chain.link_waiting():
        pass
    checkpoints.write_due(at_once=True)
    return requests


def erase(*requests: PromptRequest) -> list[Any]:
    with transaction.atomic():
        return erase_texts([request.pk for request in requests])


def salt_of(request: PromptRequest) -> bytes:
    seal = PromptSeal.objects.get(request_ids__contains=[request.pk])
    start = seal.request_ids.index(request.pk) * 16
    return bytes(seal.salts)[start : start + 16]


def failed_request(**values: Any) -> PromptRequest:
    request = make_request(**values)
    (claim,) = execution.claim(1, worker="w1")
    recording.record([failed(claim, "bad_request")])
    return request


def test_no_text_of_an_erased_request_is_left() -> None:
    (request,) = sealed()
    PromptAttempt.objects.filter(request=request).update(error_message="said: Say 0.")
    assert erase(request) == [request.pk]
    request = PromptRequest.objects.select_related("response").get(pk=request.pk)
    assert (request.prompt_text, request.variables, request.metadata) == ("", {}, {})
    assert (request.response.response_text, request.error_message, request.idempotency_key) == ("", "", "")
    assert not PromptAttempt.objects.exclude(error_message="").exists()
    assert request.texts_erased_at is not None


def test_what_is_left_of_an_erased_request_is_still_proved() -> None:
    first, second = sealed(2)
    before = proving.prove(first.pk)
    erase(first)
    for request in (first, second):
        proof = proving.prove(request.pk)
        assert proofs.faults(proof, trusted=trusted_keys()) == []
        assert proofs.is_signed(proof)
    assert proving.prove(first.pk)["facts"] == before["facts"]


def test_a_changed_fact_of_an_erased_request_is_found() -> None:
    (request,) = sealed()
    erase(request)
    as_owner("UPDATE prompt_responses SET output_tokens = 99 WHERE prompt_id = %s", [request.pk])
    assert proofs.faults(proving.prove(request.pk), trusted=trusted_keys())


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE prompt_requests SET prompt_text = 'I never said that' WHERE id = %s",
        "UPDATE prompt_requests SET metadata = '{\"a\": 1}' WHERE id = %s",
        'UPDATE prompt_requests SET variables = \'{"input": "x"}\' WHERE id = %s',
        "UPDATE prompt_responses SET response_text = 'Never.' WHERE prompt_id = %s",
        "UPDATE prompt_requests SET erased_hashes = NULL WHERE id = %s",
    ],
)
def test_what_the_owner_of_the_database_puts_into_an_erased_request_is_found(attack: str) -> None:
    (request,) = sealed()
    erase(request)
    as_owner(attack, [request.pk])
    assert proofs.faults(proving.prove(request.pk), trusted=trusted_keys())


def test_hashes_beside_a_text_that_is_there_cover_up_nothing() -> None:
    (request,) = sealed()
    hashes = {name: value for name, value in proving.prove(request.pk)["facts"].items() if name in OF_TEXTS}
    as_owner(
        "UPDATE prompt_requests SET prompt_text = 'Another.', erased_hashes = %s::jsonb, texts_erased_at = now()"
        " WHERE id = %s",
        [json.dumps(hashes), request.pk],
    )
    assert proofs.faults(proving.prove(request.pk), trusted=trusted_keys())


def test_who_kept_proof_and_text_can_still_show_them() -> None:
    (request,) = sealed()
    kept, text = proving.prove(request.pk), request.prompt_text
    erase(request)
    assert proofs.faults(kept, trusted=trusted_keys()) == []
    facts = proving.prove(request.pk)["facts"]
    assert facts["prompt_sha256"] == hashlib.sha256(bytes.fromhex(kept["salt"]) + text.encode()).hexdigest()


def test_nobody_can_try_a_text_against_the_hash_of_an_erased_one() -> None:
    first, second = sealed(2)
    salts = {request.pk: salt_of(request) for request in (first, second)}
    erase(first)
    assert salt_of(first) == NO_SALT
    assert salt_of(second) == salts[second.pk] != NO_SALT
    assert proving.prove(first.pk)["salt"] is None
    assert salts[first.pk].hex() not in str(PromptRequest.objects.values().get(pk=first.pk))


def test_a_receipt_of_an_erased_request_has_no_hash_of_nothing() -> None:
    (request,) = sealed()
    erase(request)
    receipt = receipts.receipt_of(request.pk)
    assert (receipt["rendered_sha256"], receipt["response_sha256"]) == (None, None)
    assert receipt["texts_erased_at"] is not None
    assert receipt["sealed"]["index"] == 0


def test_an_answer_that_is_not_sealed_yet_is_passed_over() -> None:
    (request,) = answered()
    assert erase(request) == []
    assert PromptRequest.objects.get(pk=request.pk).prompt_text


def test_a_request_without_an_answer_is_erased_without_hashes() -> None:
    request = failed_request(prompt_text="A secret.")
    assert erase(request) == [request.pk]
    request.refresh_from_db()
    assert (request.prompt_text, request.erased_hashes, request.error_class) == ("", None, "bad_request")


def test_erasing_twice_changes_nothing() -> None:
    (request,) = sealed()
    erase(request)
    before = PromptRequest.objects.values().get(pk=request.pk)
    assert erase(request) == []
    assert PromptRequest.objects.values().get(pk=request.pk) == before


def test_erased_words_are_found_no_more() -> None:
    (request,) = sealed()
    word = str(request.pk)
    assert PromptRequest.objects.answered_with(word).exists()
    erase(request)
    assert not PromptRequest.objects.answered_with(word).exists()
    assert not PromptRequest.objects.asking("Say").exists()


def test_deleted_facts_leave_their_leaf_and_the_proofs_of_the_others() -> None:
    first, second = sealed(2)
    erase(first)
    with transaction.atomic():
        assert delete_facts([first.pk, second.pk]) == [first.pk]
    assert not PromptResponse.objects.filter(prompt_id=first.pk).exists()
    assert proofs.faults(proving.prove(second.pk), trusted=trusted_keys()) == []
    assert proving.prove(first.pk)["facts"] is None


def test_what_a_kept_request_replays_is_kept() -> None:
    original = failed_request()
    replay = failed_request(replay_of=original)
    erase(original, replay)
    with transaction.atomic():
        assert delete_facts([original.pk]) == []
        assert set(delete_facts([original.pk, replay.pk])) == {original.pk, replay.pk}


def test_the_reason_goes_only_after_the_texts() -> None:
    request = failed_request(purpose="For Mrs. Smith")
    erase_purposes([request.pk])
    assert PromptRequest.objects.get(pk=request.pk).purpose == "For Mrs. Smith"
    erase(request)
    erase_purposes([request.pk])
    assert PromptRequest.objects.get(pk=request.pk).purpose == ""


GONE = "texts_erased_at = now(), prompt_text = '', metadata = '{}'"


@pytest.mark.parametrize(
    "change",
    [
        "prompt_text = ''",
        "prompt_text = '', texts_erased_at = now()",
        f"{GONE}, variables = NULL",
        f"{GONE}, variables = '{{}}', model = 'other/model'",
        f"{GONE}, variables = '{{}}', user_id = user_id + 1",
        f"{GONE}, variables = '{{}}', purpose = 'another'",
        f"{GONE}, variables = '{{}}'",
        f"{GONE}, variables = '{{}}', erased_hashes = '{{}}', parameters = '{{}}'",
        "prompt_text = 'another', metadata = '{}', variables = '{}', erased_hashes = '{}', texts_erased_at = now()",
        "erased_hashes = '{}'",
    ],
)
def test_nothing_but_the_whole_erasing_changes_an_answered_request(change: str) -> None:
    (request,) = answered()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE prompt_requests SET {change} WHERE id = %s", [request.pk])


@pytest.mark.parametrize(
    "change",
    [
        "texts_erased_at = NULL",
        "texts_erased_at = now()",
        "prompt_text = 'I never said that'",
        'variables = \'{"input": "x"}\'',
        "metadata = '{\"a\": 1}'",
        "erased_hashes = '{}'",
        "erased_hashes = NULL",
        "purpose = 'another'",
        "model = 'other/model'",
        "prompt_text = 'back', texts_erased_at = NULL",
        "error_message = 'it said: back'",
        "idempotency_key = 'back'",
    ],
)
def test_nothing_comes_back_into_an_erased_request(change: str) -> None:
    (request,) = sealed()
    erase(request)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE prompt_requests SET {change} WHERE id = %s", [request.pk])


def test_an_unfinished_request_can_not_be_erased() -> None:
    request = make_request()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE prompt_requests SET {GONE} WHERE id = %s", [request.pk])


@pytest.mark.parametrize("change", ["response_text = 'another'", "response_text = '', input_tokens = 0", "model = 'x'"])
def test_an_answer_of_an_erased_request_only_gets_empty(change: str) -> None:
    (request,) = sealed()
    erase(request)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE prompt_responses SET {change} WHERE prompt_id = %s", [request.pk])


def test_an_answer_is_not_emptied_before_its_request_is_erased() -> None:
    (request,) = answered()
    with pytest.raises(IntegrityError), transaction.atomic():
        PromptResponse.objects.filter(prompt=request).update(response_text="")


@pytest.mark.parametrize(
    "salts",
    [
        "overlay(salts PLACING '\\x01'::bytea FROM 1)",
        "overlay(salts PLACING '\\x00'::bytea FROM 1)",
        "substr(salts, 1, 16)",
        "salts || salts",
        "decode(repeat('ff', 32), 'hex')",
    ],
)
def test_a_salt_can_be_erased_and_not_changed(salts: str) -> None:
    sealed(2)
    # One byte of nothing is a change too, unless it was nothing before.
    as_owner("UPDATE prompt_seals SET salts = overlay(salts PLACING '\\xaa'::bytea FROM 1)")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE prompt_seals SET salts = {salts}")
