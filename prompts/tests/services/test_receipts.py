"""The receipt of a request."""

from __future__ import annotations

import hashlib
from uuid import uuid4

import pytest

from audit import chain
from prompts.exceptions import NotFound
from prompts.models import PromptRequest
from prompts.receipts import receipt_of
from prompts.services import execution, lifecycle, recording, sealing, submission
from prompts.tests.factories import completed, failed, make_request, make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def answered(text: str = "สวัสดี") -> PromptRequest:
    version = make_version("Say {{input}}.", model="simulator/default", parameters={"temperature": 0.5})
    request = submission.submit(
        user=make_user("somchai"),
        prompt_type="text",
        variables={"input": "ดี"},
        version_number=version.version_number,
    )
    (claim,) = execution.claim(1, worker="w1")
    recording.record([completed(claim, text, provider_request_id="req_1")])
    return request


def test_it_tells_version_model_attempt_and_hashes() -> None:
    request = answered()
    receipt = receipt_of(request.pk)
    version = request.version
    assert version is not None
    assert {name: receipt[name] for name in ("prompt_type", "version_number", "template_sha256")} == {
        "prompt_type": "text",
        "version_number": version.version_number,
        "template_sha256": sha256("Say {{input}}."),
    }
    assert (receipt["rendered_sha256"], receipt["response_sha256"]) == (sha256("Say ดี."), sha256("สวัสดี"))
    assert (receipt["model"], receipt["reported_model"], receipt["provider"]) == (
        "simulator/default",
        "default",
        "simulator",
    )
    assert (receipt["attempt"], receipt["provider_request_id"], receipt["finish_reason"]) == (1, "req_1", "stop")
    assert (receipt["status"], receipt["parameters"]) == ("completed", {"temperature": 0.5})
    assert receipt["user"] == {"id": request.user_id, "username": "somchai"}
    assert receipt["created_at"] <= receipt["finished_at"]
    assert receipt["sealed"] is None


def test_it_shows_the_seal_and_later_the_place_in_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    request = answered()
    sealing.seal_answers()
    seal = receipt_of(request.pk)["sealed"]
    assert (seal["index"], seal["size"], seal["seq"]) == (0, 1, None)
    assert len(bytes.fromhex(seal["root"])) == 32
    while chain.link_waiting():
        pass
    assert receipt_of(request.pk)["sealed"]["seq"] >= 1


def test_a_request_that_waits_has_a_receipt_without_an_answer() -> None:
    receipt = receipt_of(make_request().pk)
    assert [
        receipt[name] for name in ("response_sha256", "reported_model", "attempt", "finished_at", "version_number")
    ] == [None] * 5


def test_a_failed_request_shows_its_last_attempt() -> None:
    request = make_request()
    (claim,) = execution.claim(1, worker="w1")
    recording.record([failed(claim, "auth", provider_request_id="req_9")])
    receipt = receipt_of(request.pk)
    assert (receipt["status"], receipt["attempt"], receipt["provider_request_id"]) == ("failed", 1, "req_9")


def test_a_deleted_version_still_stands_on_the_receipt() -> None:
    request = answered()
    assert request.version is not None
    number = request.version.version_number
    lifecycle.delete_version("text", number, actor=make_user())
    assert receipt_of(request.pk)["version_number"] == number


def test_it_is_one_query(django_assert_num_queries) -> None:
    request = answered()
    with django_assert_num_queries(1):
        receipt_of(request.pk)


def test_there_is_none_of_a_request_that_there_is_not() -> None:
    with pytest.raises(NotFound):
        receipt_of(uuid4())
