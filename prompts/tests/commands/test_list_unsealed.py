"""`manage.py list_unsealed`."""

from __future__ import annotations

import pytest

from prompts.models import PromptResponse
from prompts.services import sealing
from prompts.tests.commands.running import refusal, run
from prompts.tests.services.sealed import answered, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _seal_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)


def test_sealed_answers_are_not_listed() -> None:
    answered(2)
    sealing.seal_answers()
    output, _errors = run("list_unsealed")
    assert output == "Every answer that is old enough is sealed.\n"


def test_an_answer_that_appeared_behind_the_seals_is_told() -> None:
    answered(1)
    slipped = PromptResponse.objects.get()
    as_owner("DELETE FROM prompt_responses WHERE id = %s", [slipped.pk])
    answered(1)
    sealing.seal_answers()
    slipped.save(force_insert=True)
    as_owner("UPDATE prompt_responses SET created_at = %s WHERE id = %s", [slipped.created_at, slipped.pk])
    assert refusal("list_unsealed").returncode == 1
