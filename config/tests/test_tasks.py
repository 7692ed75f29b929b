"""What the scheduler has done."""

from __future__ import annotations

import pytest
from celery import current_app
from django.conf import settings

from config.tasks import keep_house, purge_requests, seal_answers
from prompts.models import PromptRequest, PromptSeal, PromptType
from prompts.services import sealing
from prompts.tests.services.sealed import answered, as_owner

NOTHING_DUE = {"requests": 0, "unnamed": 0, "without_row": 0, "contents": 0}

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_scheduled_task_is_one_that_a_worker_has() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled == {keep_house.name, purge_requests.name, seal_answers.name}
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


def test_the_hourly_task_erases_what_is_past_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    (request,) = answered()
    seal_answers()
    as_owner("UPDATE prompt_requests SET created_at = now() - interval '8 days' WHERE id = %s", [request.pk])
    assert purge_requests() == NOTHING_DUE
    PromptType.objects.filter(slug="text").update(keep_texts_days=7)
    assert purge_requests() == NOTHING_DUE | {"requests": 1}
    assert PromptRequest.objects.get(pk=request.pk).prompt_text == ""
