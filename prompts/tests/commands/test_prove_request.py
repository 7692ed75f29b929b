"""`manage.py prove_request`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit import chain, checkpoints, keys
from prompts.models import PromptRequest
from prompts.services import sealing
from prompts.tests.commands.running import refusal, run
from prompts.tests.services.sealed import answered, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> PromptRequest:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    requests = answered(3)
    sealing.seal_answers()
    while chain.link_waiting():
        pass
    checkpoints.write_due(at_once=True)
    return requests[1]


def test_a_proof_is_printed_and_what_it_says_in_a_sentence(sealed: PromptRequest) -> None:
    output, errors = run("prove_request", str(sealed.pk))
    assert json.loads(output)["request_id"] == str(sealed.pk)
    assert "Proven" in errors
    assert "under the signed checkpoint" in errors


def test_a_proof_can_be_kept_and_checked_later_without_the_rows(sealed: PromptRequest, tmp_path: Path) -> None:
    path = str(tmp_path / "proof.json")
    run("prove_request", str(sealed.pk), "--out", path)
    as_owner("DELETE FROM prompt_responses WHERE prompt_id = %s", [sealed.pk])
    public_key = keys.encoded(keys.signing_key().public_key())
    assert "Proven" in run("prove_request", "--check", path, "--public-key", public_key)[1]


def test_a_proof_that_was_changed_is_not_believed(sealed: PromptRequest, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    run("prove_request", str(sealed.pk), "--out", str(path))
    path.write_text(path.read_text().replace('"user_id": ', '"user_id": 1'))
    assert refusal("prove_request", "--check", str(path)).returncode == 1


@pytest.mark.parametrize("missing", [("checkpoint",), ("link", "checkpoint"), ("link",)])
def test_a_proof_without_a_signature_proves_nothing(
    sealed: PromptRequest, tmp_path: Path, missing: tuple[str, ...]
) -> None:
    path = tmp_path / "proof.json"
    run("prove_request", str(sealed.pk), "--out", str(path))
    path.write_text(json.dumps(json.loads(path.read_text()) | dict.fromkeys(missing)))
    assert refusal("prove_request", "--check", str(path)).returncode == 3


def test_an_owner_who_takes_the_signatures_away_is_shown_no_proof(sealed: PromptRequest) -> None:
    as_owner("DELETE FROM audit_checkpoints")
    assert refusal("prove_request", str(sealed.pk)).returncode == 3
    as_owner("DELETE FROM audit_links")
    assert refusal("prove_request", str(sealed.pk)).returncode == 3


def test_a_changed_answer_ends_with_the_exit_code_1(sealed: PromptRequest) -> None:
    as_owner("UPDATE prompt_responses SET response_text = 'x' WHERE prompt_id = %s", [sealed.pk])
    error = refusal("prove_request", str(sealed.pk))
    assert (error.returncode, "is not as it was" in str(error)) == (1, True)


def test_a_changed_template_is_named(sealed: PromptRequest) -> None:
    as_owner("UPDATE prompt_versions SET template = template || '!' WHERE id = %s", [sealed.version_id])
    assert "It is the template" in str(refusal("prove_request", str(sealed.pk)))


def test_a_seal_that_is_gone_ends_with_the_exit_code_1(sealed: PromptRequest) -> None:
    as_owner("DELETE FROM prompt_seals")
    assert refusal("prove_request", str(sealed.pk)).returncode == 1


@pytest.mark.parametrize("wanted", ["01990000-0000-7000-8000-000000000009", "nonsense"])
def test_no_such_request_ends_with_the_exit_code_2(wanted: str) -> None:
    assert refusal("prove_request", wanted).returncode == 2


def test_an_answer_that_is_not_sealed_yet_ends_with_the_exit_code_3() -> None:
    (request,) = answered()
    error = refusal("prove_request", str(request.pk))
    assert (error.returncode, "not sealed yet" in str(error)) == (3, True)


@pytest.mark.parametrize("content", ["", "[]", "nonsense", "{}", "[" * 100_000])
def test_a_file_that_holds_no_proof_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(content)
    assert refusal("prove_request", "--check", str(path)).returncode in {1, 2}


def test_files_and_keys_that_can_not_be_used_are_refused(sealed: PromptRequest, tmp_path: Path) -> None:
    assert refusal("prove_request", "--check", str(tmp_path / "none")).returncode == 2
    assert refusal("prove_request", str(sealed.pk), "--out", str(tmp_path / "no" / "file")).returncode == 2
    assert refusal("prove_request", str(sealed.pk), "--public-key", "nonsense").returncode == 2
