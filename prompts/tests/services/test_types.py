"""Adding, changing and removing types: checked, and written down once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from audit.models import AuditEntry
from prompts.exceptions import Conflict, InvalidInput, NotFound
from prompts.models import PromptType
from prompts.services import types
from prompts.tests.factories import make_request, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Any:
    return make_user("ann")


def told() -> list[dict[str, Any]]:
    """What the log tells of types."""
    entries = AuditEntry.objects.filter(action__startswith="prompt_type.").order_by("at", "id")
    return [json.loads(entry.content) for entry in entries]


def only() -> dict[str, Any]:
    (entry,) = told()
    return entry


def changes() -> Any:
    return only()["details"]["changes"]


def test_a_new_type_is_one_entry_with_all_that_it_is(ann: Any) -> None:
    kind = types.create_type(
        slug="poem",
        label="Poem",
        actor=ann,
        default_parameters={"temperature": 0.5},
        required_placeholders=["topic"],
        max_template_length=500,
        requires_review=True,
    )
    entry = only()
    assert entry["action"] == "prompt_type.created"
    assert entry["actor"] == {"id": ann.pk, "label": "ann"}
    assert entry["target"] == {"type": "prompts.prompttype", "id": str(kind.pk), "label": "Poem"}
    assert entry["details"] == {
        "slug": "poem",
        "label": "Poem",
        "description": "",
        "default_model": "",
        "default_parameters": '{"temperature":0.5}',
        "is_active": True,
        "required_placeholders": ["topic"],
        "max_template_length": 500,
        "requires_review": True,
        "keep_texts_days": None,
        "keep_facts_days": None,
    }


def test_a_change_tells_what_was_and_what_is(ann: Any) -> None:
    types.change_type("text", actor=ann, label="Prose", requires_review=True, is_active=True)
    assert only()["action"] == "prompt_type.changed"
    assert only()["actor"]["label"] == "ann"
    assert only()["details"] == {
        "prompt_type": "text",
        "changes": {"label": {"old": "Text", "new": "Prose"}, "requires_review": {"old": False, "new": True}},
    }


def test_parameters_are_told_as_text(ann: Any) -> None:
    types.change_type("text", actor=ann, default_parameters={"top_p": 0.9, "temperature": 1e-7})
    assert changes() == {"default_parameters": {"old": "{}", "new": '{"temperature":1e-07,"top_p":0.9}'}}


def test_parameters_in_another_order_are_no_change(ann: Any) -> None:
    PromptType.objects.filter(slug="text").update(default_parameters={"top_p": 0.9, "temperature": 1})
    types.change_type("text", actor=ann, default_parameters={"temperature": 1, "top_p": 0.9})
    assert told() == []


def test_a_change_that_changes_nothing_writes_nothing(ann: Any) -> None:
    before = PromptType.objects.get(slug="text")
    types.change_type("text", actor=ann, label=before.label, max_template_length=before.max_template_length)
    types.change_type("text", actor=ann)
    assert told() == []
    assert PromptType.objects.get(slug="text").updated_at == before.updated_at


def test_a_model_is_told_by_its_full_name(ann: Any) -> None:
    types.change_type("text", actor=ann, default_model="simulator/default")
    assert changes() == {"default_model": {"old": "", "new": "simulator/default"}}


def test_a_change_that_is_refused_writes_nothing(ann: Any) -> None:
    with pytest.raises(InvalidInput):
        types.change_type("text", actor=ann, label="Prose", default_model="nobody/nothing")
    with pytest.raises(InvalidInput):
        types.create_type(slug="text", label="Again", actor=ann)
    with pytest.raises(NotFound):
        types.change_type("nothing", actor=ann, label="x")
    assert told() == []
    assert PromptType.objects.get(slug="text").label == "Text"


def test_a_change_that_is_rolled_back_leaves_no_entry(ann: Any) -> None:
    with transaction.atomic():
        types.change_type("text", actor=ann, label="Prose")
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.parametrize(
    "names",
    [
        ["Topic"],
        ["1st"],
        ["topic\n"],
        [""],
        ["two words"],
        ["{{topic}}"],
        ["x" * 65],
        ["topic", "topic"],
        [f"name_{number}" for number in range(21)],
        [None],
        [5],
        [["topic"]],
        "topic",
        None,
    ],
)
def test_placeholders_that_no_template_could_have_are_refused(ann: Any, names: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        types.change_type("text", actor=ann, required_placeholders=names)
    assert list(refusal.value.errors) == ["required_placeholders"]


def test_twenty_placeholders_are_taken(ann: Any) -> None:
    names = [f"name_{number}" for number in range(20)]
    assert types.change_type("text", actor=ann, required_placeholders=names).required_placeholders == names


@pytest.mark.parametrize("length", [0, -1, 100_001, 10**30, None, "long"])
def test_a_longest_template_out_of_bounds_is_refused(ann: Any, length: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        types.change_type("text", actor=ann, max_template_length=length)
    assert list(refusal.value.errors) == ["max_template_length"]


@pytest.mark.parametrize("length", [1, 100_000])
def test_a_longest_template_at_the_bounds_is_taken(ann: Any, length: int) -> None:
    assert types.change_type("text", actor=ann, max_template_length=length).max_template_length == length


def test_a_type_that_nothing_was_made_of_is_removed_and_told(ann: Any) -> None:
    types.create_type(slug="poem", label="Poem", actor=ann)
    types.delete_type("poem", actor=ann)
    assert not PromptType.objects.filter(slug="poem").exists()
    assert [entry["action"] for entry in told()] == ["prompt_type.created", "prompt_type.deleted"]
    assert told()[1]["details"] == told()[0]["details"]


def test_a_type_with_versions_stays(ann: Any) -> None:
    with pytest.raises(Conflict), transaction.atomic():
        types.delete_type("text", actor=ann)
    assert PromptType.objects.filter(slug="text").exists()
    assert told() == []


def test_a_type_with_requests_stays(ann: Any) -> None:
    types.create_type(slug="poem", label="Poem", actor=ann)
    make_request(prompt_type_id="poem")
    with pytest.raises(Conflict), transaction.atomic():
        types.delete_type("poem", actor=ann)
    assert PromptType.objects.filter(slug="poem").exists()


def test_a_type_that_is_not_there_can_not_be_removed(ann: Any) -> None:
    with pytest.raises(NotFound):
        types.delete_type("nothing", actor=ann)
