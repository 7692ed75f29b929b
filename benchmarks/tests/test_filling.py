"""Very many requests, fast: the rows are those of the demo, and the tables are as they were."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from benchmarks.growth import filling, seals
from prompts.models import PromptRequest, PromptResponse, PromptSeal
from prompts.services import proving, sealing
from prompts.services.demo import loading

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "BATCH", 100)
    monkeypatch.setattr(filling, "MANY", 200)
    monkeypatch.setattr(seals, "SIZE", 50)
    monkeypatch.setattr(seals, "UNSEALED", 50)
    # Of the whole server, which other tests share.
    monkeypatch.setattr(filling, "FILLING", ())
    monkeypatch.setattr(filling, "USUAL", ())
    monkeypatch.setattr(loading, "TEXTS", 5)
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    get_user_model().objects.create_user("owner")


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename LIKE 'prompt_%'")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize("number", [150, 300])
def test_so_many_requests_are_there_and_every_index_again(number: int) -> None:
    before = indexes()
    filling.fill(number, "owner")
    assert PromptRequest.objects.count() == number
    assert PromptRequest.objects.filter(user__username="owner").exists()
    assert indexes() == before


def test_a_second_filling_adds_to_the_first() -> None:
    filling.fill(150, "owner")
    filling.fill(100, "owner")
    assert PromptRequest.objects.count() == 250
    sealing.seal_answers()
    assert not sealing.unsealed_answers()


def test_no_row_points_at_one_that_is_not_there() -> None:
    filling.fill(300, "owner")
    assert not PromptRequest.objects.exclude(version__prompt_type_id__isnull=False).exists()
    answered = set(PromptRequest.objects.filter(status="completed").values_list("pk", flat=True))
    assert set(PromptResponse.objects.values_list("prompt_id", flat=True)) == answered


def test_the_product_seals_the_newest_answers_itself_and_can_prove_them() -> None:
    filling.fill(300, "owner")
    assert PromptSeal.objects.count() > 1
    assert sealing.seal_answers() > 0
    newest = PromptResponse.objects.order_by("-created_at")[0]
    assert proving.prove(newest.prompt_id)["leaf"]
    assert not sealing.unsealed_answers()
