"""What the database itself refuses."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.utils import timezone

from prompts.models import PromptRequest, PromptResponse, PromptType
from prompts.tests.factories import make_request

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("column", ["prompt_text", "purpose", "model"])
def test_the_input_of_a_request_can_not_be_changed(column: str) -> None:
    request = make_request()
    with pytest.raises(IntegrityError, match="can not be changed"):
        PromptRequest.objects.filter(pk=request.pk).update(**{column: "something else"})


def test_an_answer_can_not_be_changed() -> None:
    response = PromptResponse.objects.create(
        prompt=make_request(), response_text="a", duration_ms=1, provider="p", model="m", finish_reason="stop"
    )
    with pytest.raises(IntegrityError, match="can not be changed"):
        PromptResponse.objects.filter(pk=response.pk).update(response_text="b")


@pytest.mark.parametrize(
    "values",
    [
        {"status": "lost"},
        {"status": "generating"},
        {"status": "completed"},
        {"status": "failed", "finished_at": timezone.now()},
        {"prompt_text": ""},
    ],
)
def test_a_state_that_makes_no_sense_can_not_be_stored(values) -> None:
    with pytest.raises(IntegrityError):
        make_request(**values)


@pytest.mark.parametrize("slug", ["Text", "1st", "a-b", "", "ก", "a" * 65])
def test_a_prompt_type_needs_a_plain_slug(slug: str) -> None:
    from django.db import DataError

    with pytest.raises((IntegrityError, DataError)):
        PromptType.objects.create(slug=slug, label="x")


def test_the_five_types_are_there_from_the_start() -> None:
    slugs = set(PromptType.objects.values_list("slug", flat=True))
    assert slugs >= {"text", "code", "report", "data_analysis", "ocr_extraction"}
