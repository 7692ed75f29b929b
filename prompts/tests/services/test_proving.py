"""A proof holds while the rows are as they were sealed, and whatever the database's owner changes is found."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest

from audit import chain, checkpoints, keys
from prompts import proofs
from prompts.exceptions import NotFound
from prompts.models import PromptRequest
from prompts.services import proving, sealing
from prompts.services.proving import NotSealed, SealBroken
from prompts.tests.factories import make_request
from prompts.tests.services.sealed import answered, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


@pytest.fixture
def sealed() -> PromptRequest:
    """One of seven, under a signed checkpoint of a chain that went on after it."""
    requests = answered(7)
    sealing.seal_answers()
    answered()
    link_all()
    checkpoints.write_due(at_once=True)
    return requests[4]


def link_all() -> None:
    while chain.link_waiting():
        pass


def faults(proof: dict[str, Any]) -> list[str]:
    return proofs.faults(proof, trusted=keys.trusted_keys())


def prove(request: PromptRequest) -> list[str]:
    return faults(proving.prove(request.pk))


def test_what_was_sealed_is_proven(sealed: PromptRequest) -> None:
    proof = proving.prove(sealed.pk)
    assert faults(proof) == []
    assert (proof["size"], len(proof["path"])) == (7, 3)
    assert proof["checkpoint"]["content_hashes_between"]


def test_a_proof_is_plain_json_and_shows_no_text(sealed: PromptRequest) -> None:
    text = json.dumps(proving.prove(sealed.pk))
    assert faults(json.loads(text)) == []
    assert sealed.prompt_text not in text
    assert "The answer to" not in text


def test_every_answer_of_a_batch_is_proven() -> None:
    requests = answered(9)
    sealing.seal_answers()
    assert [prove(request) for request in requests] == [[]] * 9


def test_a_seal_that_is_not_in_the_chain_yet_proves_all_the_same() -> None:
    (request,) = answered()
    sealing.seal_answers()
    proof = proving.prove(request.pk)
    assert (proof["link"], proof["checkpoint"], faults(proof)) == (None, None, [])


ATTACKS = {
    "prompt": "UPDATE prompt_requests SET prompt_text = prompt_text || ' ' WHERE id = %(id)s",
    "answer": "UPDATE prompt_responses SET response_text = 'Another answer.' WHERE prompt_id = %(id)s",
    "parameters": "UPDATE prompt_requests SET parameters = '{\"temperature\": 0.6}' WHERE id = %(id)s",
    "purpose": "UPDATE prompt_requests SET purpose = 'Another one' WHERE id = %(id)s",
    "metadata": 'UPDATE prompt_requests SET metadata = \'{"team": "b"}\' WHERE id = %(id)s',
    "variables": 'UPDATE prompt_requests SET variables = \'{"input": "other"}\' WHERE id = %(id)s',
    "replay": "UPDATE prompt_requests SET replay_of_id = id WHERE id = %(id)s",
    "template": "UPDATE prompt_versions SET template = template || '.' WHERE id = %(version)s",
    "template and its hash": "UPDATE prompt_versions SET template = 'x',"
    " template_sha256 = encode(sha256('x'), 'hex') WHERE id = %(version)s",
    "version": "UPDATE prompt_requests SET version_id = (SELECT min(id) FROM prompt_versions) WHERE id = %(id)s",
    "no version": "UPDATE prompt_requests SET version_id = NULL WHERE id = %(id)s",
    "user": "UPDATE prompt_requests SET user_id = (SELECT max(id) FROM users) WHERE id = %(id)s",
    "model": "UPDATE prompt_requests SET model = 'openai/gpt-5' WHERE id = %(id)s",
    "reported model": "UPDATE prompt_responses SET model = 'other' WHERE prompt_id = %(id)s",
    "attempt": "UPDATE prompt_requests SET attempt_count = 2 WHERE id = %(id)s",
    "tokens": "UPDATE prompt_responses SET input_tokens = 4 WHERE prompt_id = %(id)s",
    "cost": "UPDATE prompt_responses SET cost = 0.5 WHERE prompt_id = %(id)s",
    "time": "UPDATE prompt_responses SET created_at = created_at - interval '1 day' WHERE prompt_id = %(id)s",
    "later time": "UPDATE prompt_responses SET created_at = created_at + interval '1 day' WHERE prompt_id = %(id)s",
    "answer gone": "DELETE FROM prompt_responses WHERE prompt_id = %(id)s",
    "request gone": "DELETE FROM prompt_requests WHERE id = %(id)s",
    "leaf": "UPDATE prompt_seals SET leaves = set_byte(leaves, 4 * 32, 1 + get_byte(leaves, 4 * 32) %% 200)",
    "another leaf": "UPDATE prompt_seals SET leaves = set_byte(leaves, 0, 1 + get_byte(leaves, 0) %% 200)",
    "root": "UPDATE prompt_seals SET root = sha256('x')",
    "order": "UPDATE prompt_seals SET request_ids = request_ids[7:7] || request_ids[1:6]",
    "salt": "UPDATE prompt_seals SET salts = repeat('x', 7 * 16)::bytea",
    "entry": "UPDATE audit_logs SET content = replace(content, '\"size\":7', '\"size\":8')"
    " WHERE action = 'requests.sealed'",
    "entry gone": "DELETE FROM audit_logs WHERE action = 'requests.sealed'",
    "link": "UPDATE audit_links SET hash = sha256('x')",
    "entries between": "UPDATE audit_logs SET content_hash = sha256('x') WHERE action = 'prompt_version.created'",
    "checkpoint": "UPDATE audit_checkpoints SET head = sha256('x')",
    "signature": "UPDATE audit_checkpoints SET signature = decode(repeat('00', 64), 'hex')",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_the_owner_of_the_database_changes_is_found(sealed: PromptRequest, attack: str) -> None:
    as_owner(ATTACKS[attack], {"id": sealed.pk, "version": sealed.version_id})
    assert prove(sealed)


@pytest.mark.parametrize("attack", ["DELETE FROM prompt_seals", "UPDATE prompt_seals SET leaves = '', salts = ''"])
def test_a_seal_that_was_taken_away_is_found(sealed: PromptRequest, attack: str) -> None:
    as_owner(attack)
    with pytest.raises(SealBroken):
        proving.prove(sealed.pk)


def test_a_seal_that_was_made_again_for_changed_rows_is_found_by_the_entry_of_the_first(sealed: PromptRequest) -> None:
    as_owner(ATTACKS["answer"], {"id": sealed.pk})
    as_owner("DELETE FROM prompt_seals")
    sealing.seal_answers()
    with pytest.raises(SealBroken, match="is gone"):
        proving.prove(sealed.pk)


def test_it_says_that_it_is_the_template(sealed: PromptRequest) -> None:
    as_owner(ATTACKS["template"], {"version": sealed.version_id})
    assert proving.changed_template(proving.prove(sealed.pk))


def test_another_change_is_not_laid_to_the_template(sealed: PromptRequest) -> None:
    as_owner(ATTACKS["answer"], {"id": sealed.pk})
    assert not proving.changed_template(proving.prove(sealed.pk))


def test_what_is_not_sealed_yet_is_said_to_be_so() -> None:
    (request,) = answered()
    with pytest.raises(NotSealed, match="not sealed yet"):
        proving.prove(request.pk)
    with pytest.raises(NotSealed, match="no answer"):
        proving.prove(make_request().pk)
    with pytest.raises(NotFound):
        proving.prove(uuid4())


def test_a_key_that_is_not_believed_makes_no_proof(sealed: PromptRequest) -> None:
    assert "not trusted" in proofs.faults(proving.prove(sealed.pk), trusted={})[0]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [place for key, item in value.items() for place in _places(item, (*path, key))]
    if isinstance(value, list):
        return [place for key, item in enumerate(value) for place in _places(item, (*path, key))]
    return [path]


def _changed(value: Any) -> Any:
    if isinstance(value, str):
        other = value.translate({ord(a): b for a, b in zip("0123456789abcdef", "123456789abcdef0", strict=True)})
        return other if other != value else f"{value}x"
    return (value or 0) + 1


def test_nothing_in_a_proof_can_be_changed_unnoticed_but_the_salt(sealed: PromptRequest) -> None:
    proof = proving.prove(sealed.pk)
    unnoticed = []
    for *path, last in _places(proof):
        forged = deepcopy(proof)
        item: Any = forged
        for step in path:
            item = item[step]
        item[last] = _changed(item[last])
        if not faults(forged):
            unnoticed.append((*path, last))
    assert unnoticed == [("salt",)]


@pytest.mark.parametrize("nonsense", [{}, {"facts": []}, {"facts": {}, "request_id": 1}, {"facts": None}])
def test_what_is_no_proof_is_a_fault(nonsense: dict[str, Any]) -> None:
    assert faults(nonsense)
