"""The same input again: with another model, with another version, and what a try-out becomes."""

from __future__ import annotations

from typing import Any

import pytest

from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest, PromptType
from prompts.services import lifecycle, submission
from prompts.tests.factories import make_request, make_user, make_version

pytestmark = pytest.mark.django_db


def asked(**values: Any) -> PromptRequest:
    """A request that filled in the first version of the type `text`."""
    given = {"prompt_type": "text", "variables": {"input": "hello"}} | values
    return submission.submit(user=make_user(), **given)


def test_another_version_is_filled_in_with_the_same_values() -> None:
    version = make_version("Translate {{input}}.")
    original = asked()
    again = submission.replay(original, user=make_user(), version_number=version.version_number)
    assert (again.prompt_text, again.version_id) == ("Translate hello.", version.pk)
    assert (again.variables, again.replay_of_id) == (original.variables, original.pk)


def test_the_model_of_the_other_version_counts_before_that_of_the_original() -> None:
    version = make_version("{{input}}?", model="simulator/careful")
    original = asked(model="simulator/quick")
    number = version.version_number
    assert submission.replay(original, user=make_user(), version_number=number).model == "simulator/careful"
    chosen = submission.replay(original, user=make_user(), version_number=number, model="simulator/chosen")
    assert chosen.model == "simulator/chosen"


def test_without_a_model_of_its_own_the_version_goes_to_the_model_of_the_original() -> None:
    version = make_version("{{input}}?")
    original = asked(model="simulator/quick")
    again = submission.replay(original, user=make_user(), version_number=version.version_number)
    assert again.model == "simulator/quick"


def test_the_parameters_of_the_versions_change_places_and_those_of_the_request_stay() -> None:
    PromptType.objects.filter(slug="text").update(default_parameters={"top_p": 0.5})
    first = make_version("{{input}}!", parameters={"temperature": 0.1, "max_tokens": 5})
    second = make_version("{{input}}?", parameters={"temperature": 0.9})
    original = asked(version_number=first.version_number, parameters={"seed": 7})
    again = submission.replay(original, user=make_user(), version_number=second.version_number)
    assert again.parameters == {"top_p": 0.5, "temperature": 0.9, "seed": 7}


def test_the_schema_of_the_first_version_does_not_bind_the_second() -> None:
    schema = {"type": "object", "properties": {"total": {"type": "string"}}}
    first, second = make_version("{{input}}!", field_schema=schema), make_version("{{input}}?")
    original = asked(version_number=first.version_number)
    again = submission.replay(original, user=make_user(), version_number=second.version_number)
    assert "json_schema" not in again.parameters


def test_a_text_that_was_sent_ready_fills_in_no_version() -> None:
    with pytest.raises(InvalidInput) as refusal:
        submission.replay(make_request(), user=make_user(), version_number=1)
    assert list(refusal.value.errors) == ["version_number"]


def test_a_version_with_other_placeholders_names_what_is_missing() -> None:
    version = make_version("{{input}} in {{language}}.")
    with pytest.raises(InvalidInput, match="language is missing"):
        submission.replay(asked(), user=make_user(), version_number=version.version_number)


def test_a_deleted_version_is_not_filled_in_again_but_its_text_is_sent_again() -> None:
    version = make_version("Say {{input}}.")
    original = asked(version_number=version.version_number)
    lifecycle.delete_version("text", version.version_number, actor=make_user())
    assert submission.replay(original, user=make_user()).prompt_text == "Say hello."
    with pytest.raises(InvalidInput):
        submission.replay(original, user=make_user(), version_number=version.version_number)


def test_the_try_out_of_a_draft_is_replayed_as_one() -> None:
    draft = make_request(is_sandbox=True, variables={"input": "x"})
    again = submission.replay(draft, user=make_user())
    assert (again.is_sandbox, again.version_id, again.variables) == (True, None, {"input": "x"})


def test_the_try_out_of_a_version_is_replayed_as_a_request_that_leaves_its_last_test_alone() -> None:
    tried = make_request(is_sandbox=True, version=make_version(), variables={"input": "x"})
    assert submission.replay(tried, user=make_user()).is_sandbox is False
