"""What the scheduler has done."""

from __future__ import annotations

import pytest
from celery import current_app
from django.conf import settings

from config.tasks import keep_house, seal_answers
from prompts.models import PromptSeal
from prompts.services import sealing
from prompts.tests.services.sealed import answered, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_scheduled_task_is_one_that_a_worker_has() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled == {keep_house.name, seal_answers.name}
    assert scheduled <= set(current_app.tasks)


def test_answers_are_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    answered(2)
    seal_answers()
    assert PromptSeal.objects.get().size == 2


def test_the_hourly_task_seals_what_was_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    (early,) = answered()
    answered()
    as_owner(
        "UPDATE prompt_responses SET created_at = created_at + interval '1 minute' WHERE prompt_id = %s", [early.pk]
    )
    seal_answers()
    as_owner(
        "UPDATE prompt_responses SET created_at = created_at - interval '2 minutes' WHERE prompt_id = %s", [early.pk]
    )
    assert keep_house()["late_answers"] == 1
    assert keep_house()["late_answers"] == 0
