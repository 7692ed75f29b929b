"""Trying out what is no version yet."""

from __future__ import annotations

from typing import Any

import pytest

from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.models.prompt_version import template_sha256
from prompts.services import drafting, lifecycle, submission
from prompts.tests.admin.stories import run_once
from prompts.tests.factories import completed, failed, make_request, make_user, make_version

pytestmark = pytest.mark.django_db

SCHEMA = {"type": "object", "properties": {"total": {"type": "string"}}}


def try_draft(template: str = "Say {{input}}.", user: Any = None, **given: Any) -> PromptRequest:
    given = {"variables": {"input": "hello"}, "model": "simulator/default"} | given
    return drafting.try_draft(user=user or make_user(), prompt_type="text", template=template, **given)


def refused_fields(**given: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        try_draft(**given)
    assert not PromptRequest.objects.exists()
    return list(refusal.value.errors)


def test_a_draft_is_sent_as_a_test_without_a_version() -> None:
    before = PromptVersion.objects.count()
    sent = PromptRequest.objects.get(pk=try_draft().pk)
    assert (sent.is_sandbox, sent.version, sent.prompt_text) == (True, None, "Say hello.")
    assert (sent.variables, sent.model, sent.status) == ({"input": "hello"}, "simulator/default", "pending")
    assert PromptVersion.objects.count() == before


def test_it_tells_of_which_type_and_template_it_is_a_draft() -> None:
    sent = try_draft(metadata={"document_id": "7"}, field_schema=SCHEMA)
    assert sent.purpose == "Test of a draft"
    assert sent.metadata == {
        "document_id": "7",
        "draft_of": "text",
        "template_sha256": template_sha256("Say {{input}}."),
        "field_schema": SCHEMA,
    }


def test_its_model_is_held_to_its_schema() -> None:
    sent = try_draft(field_schema=SCHEMA, parameters={"temperature": 0.5})
    assert sent.parameters == {"temperature": 0.5, "json_schema": SCHEMA}


def test_the_defaults_of_its_type_hold() -> None:
    PromptType.objects.filter(slug="text").update(
        default_model="simulator/default", default_parameters={"temperature": 0.1, "seed": 7}
    )
    sent = try_draft(model="", parameters={"temperature": 0.9})
    assert (sent.model, sent.parameters) == ("simulator/default", {"temperature": 0.9, "seed": 7})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"template": "  "}, "template"),
        ({"template": "{{7*7}}"}, "template"),
        ({"template": "x" * 200_000}, "template"),
        ({"field_schema": {"type": 5}}, "fieldSchema"),
        ({"parameters": {"colour": "red"}}, "parameters"),
        ({"model": "nobody/nothing"}, "model"),
        ({"variables": {}}, "variables"),
        ({"variables": {"input": "x", "more": "y"}}, "variables"),
        ({"variables": {"input": "x" * 1_100_000}}, "variables"),
    ],
    ids=["empty", "no placeholder", "too long", "no schema", "unknown option", "no model", "missing", "more", "1 MB"],
)
def test_what_no_version_could_be_is_refused_at_its_field(given: dict[str, Any], field: str) -> None:
    assert refused_fields(**given) == [field]


def test_a_template_without_what_its_type_requires_is_refused() -> None:
    PromptType.objects.filter(slug="text").update(required_placeholders=["ocr_text"])
    assert refused_fields() == ["template"]


def test_a_type_that_is_switched_off_takes_no_drafts() -> None:
    PromptType.objects.filter(slug="text").update(is_active=False)
    assert refused_fields() == ["prompt_type"]


def test_its_answer_becomes_nobodys_last_test() -> None:
    make_version()
    run_once(try_draft(), completed, "Hello.")
    assert not PromptVersion.objects.filter(last_tested_at__isnull=False).exists()


def test_the_deadline_of_tests_holds_for_drafts(settings: Any) -> None:
    settings.SANDBOX_DEADLINE_SECONDS = 7
    deadlines: list[float] = []

    def note(claim: Any) -> Any:
        deadlines.append(claim.deadline)
        return completed(claim)

    run_once(try_draft(), note)
    assert deadlines == [7]


def test_a_test_is_sent_again_as_it_was() -> None:
    original = run_once(try_draft(field_schema=SCHEMA), failed, "auth")
    again = drafting.try_again(original, user=original.user)
    assert (again.is_sandbox, again.version, again.replay_of) == (True, None, original)
    same = ("prompt_text", "variables", "model", "parameters", "metadata", "purpose")
    assert [getattr(again, name) for name in same] == [getattr(original, name) for name in same]


def test_the_answer_of_a_repeated_test_becomes_the_last_test_of_its_version() -> None:
    version = make_version()
    run_once(drafting.try_again(make_request(version=version, is_sandbox=True), user=make_user()), completed, "Two.")
    version.refresh_from_db()
    assert version.test_result_json == {"text": "Two."}


def test_the_schema_of_a_test_is_that_of_its_version_or_its_draft() -> None:
    version = make_version(field_schema=SCHEMA)
    of_version = make_request(version=version, is_sandbox=True)
    assert drafting.schema_of(of_version) == SCHEMA
    assert drafting.schema_of(try_draft(field_schema=SCHEMA)) == SCHEMA
    assert drafting.schema_of(try_draft()) is None


def test_the_test_before_is_the_last_answered_one_of_the_same_version() -> None:
    version, other = make_version(), make_version("Tell {{input}}.")
    first = run_once(make_request(version=version, is_sandbox=True), completed, "One.")
    run_once(make_request(version=version, is_sandbox=True), failed, "auth")
    run_once(make_request(version=version), completed, "In earnest.")
    run_once(make_request(version=other, is_sandbox=True), completed, "Another.")
    now = run_once(make_request(version=version, is_sandbox=True), completed, "Two.")
    everybodys = PromptRequest.objects.all()
    assert drafting.tried_before(now, among=everybodys) == first
    assert drafting.tried_before(first, among=everybodys) is None
    assert drafting.tried_before(run_once(try_draft(), completed), among=everybodys) is None
    assert drafting.tried_before(now, among=everybodys.exclude(pk=first.pk)) is None


def test_what_was_tried_last_is_ones_own() -> None:
    user = make_user()
    last = try_draft(user=user)
    try_draft(user=make_user())
    lifecycle.activate_version("text", make_version().version_number, actor=user)
    submission.submit(user=user, prompt_type="text", variables={"input": "x"}, model="simulator/default")
    assert drafting.last_tried("text", user) == last
