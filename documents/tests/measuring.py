"""Labelled sets for tests, and versions that get a certain part of them right."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models.functions import Now

from documents.models import AccuracyRun, Batch, LabelledSet
from documents.services import labelling
from documents.tests.batching import drive_all
from documents.tests.factories import make_document
from prompts.models import PromptRequest, PromptResponse, PromptVersion
from prompts.tests.factories import make_user, make_version

#: What a model says of the document with that number, None where the call fails.
Answer = Callable[[int], str | None]


def make_set(expected: int | Sequence[dict[str, Any]] = 4, name: str = "receipts", user: Any = None) -> LabelledSet:
    """A set of documents with these fields; or of as many whose text is `Text 1` and total `1.00`, and so on."""
    user = user or make_user()
    fields = [{"total": f"{n}.00"} for n in range(1, expected + 1)] if isinstance(expected, int) else expected
    pairs = [(make_document(user, text=f"Text {n}"), each) for n, each in enumerate(fields, start=1)]
    return labelling.import_set(actor=user, name=name, labelled=pairs)


def reads(right: int) -> Answer:
    """A model that gets the totals of the first so many documents right."""
    return lambda number: json.dumps({"total": f"{number}.00" if number <= right else "0.00"})


def says(*answers: dict[str, Any] | str | None) -> Answer:
    """A model that answers these fields, or this text, for the first document, the second, and so on; or fails."""

    def answer(number: int) -> str | None:
        given = answers[number - 1]
        return json.dumps(given) if isinstance(given, dict) else given

    return answer


def run_on(labelled_set: LabelledSet, version: PromptVersion, answer: Answer, model: str = "") -> Batch:
    """The finished batch of a version over a set."""
    batch = labelling.run_set(
        labelled_set,
        actor=make_user(),
        prompt_type=version.prompt_type_id,
        version_number=version.version_number,
        model=model,
    )
    return finish(batch, answer)


def finish(batch: Batch, answer: Answer) -> Batch:
    """Drive a batch to its end. What a worker would commit on the way is written here, so that no test has to."""
    drive_all()
    for request in PromptRequest.objects.filter(batch_item__batch=batch):
        text = answer(int(request.prompt_text.rsplit(maxsplit=1)[-1]))
        values = {"status": "failed", "error_class": "auth"} if text is None else {"status": "completed"}
        PromptRequest.objects.filter(pk=request.pk).update(finished_at=Now(), **values)
        if text is not None:
            told: dict[str, Any] = {
                "provider": "simulator",
                "model": "default",
                "finish_reason": "stop",
                "duration_ms": 20,
            }
            PromptResponse.objects.create(prompt=request, response_text=text, **told)
    drive_all()
    batch.refresh_from_db()
    return batch


def measured(
    labelled_set: LabelledSet, right: int, version: PromptVersion | None = None, model: str = ""
) -> AccuracyRun:
    """What a version, or a new one, comes to that gets so many documents of the set right."""
    version = version or make_version("Read {{input}}")
    return AccuracyRun.objects.get(batch=run_on(labelled_set, version, reads(right), model))
