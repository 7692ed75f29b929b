"""The requests that go with a person: their own, those about what they brought in, and what others repeat of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from prompts.models import PromptRequest
from prompts.models.prompt_request import FINISHED, UNFINISHED
from prompts.services import submission
from prompts.services.erasing_rooms import rooms

BATCH = 500


def batches(user: Any, *, keep_facts: bool) -> Iterator[list[UUID]]:
    """Ids of what may be erased, newest first: a replay goes before what it replays. What has not ended is ended.

    With `keep_facts` the own ones that have lost everything already are left out.
    """
    for room in rooms():
        for about in room.requests_about(user):
            yield from _repeated(user, about)
    yield from _repeated(user, _ids(_of_others(user).filter(replay_of__user=user.pk)))
    rows = PromptRequest.objects.filter(user=user.pk, status__in=FINISHED)
    if keep_facts:
        rows = rows.exclude(texts_erased_at__isnull=False, purpose="")
    yield from _pages(rows)


def end(rows: QuerySet[PromptRequest]) -> None:
    """Cancel what has not ended: no erased text is sent to a vendor, and none comes back."""
    for request_id in list(rows.filter(status__in=UNFINISHED).order_by("pk").values_list("pk", flat=True)):
        _end(request_id)


def with_texts(rows: QuerySet[PromptRequest]) -> set[UUID]:
    """Those whose texts are still there."""
    return set(rows.filter(texts_erased_at=None).values_list("pk", flat=True))


def _repeated(user: Any, ids: list[UUID]) -> Iterator[list[UUID]]:
    """These, and what others have sent again of them."""
    while ids:
        end(PromptRequest.objects.filter(pk__in=ids))
        yield from (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
        ids = _ids(_of_others(user).filter(replay_of__in=ids))


def _of_others(user: Any) -> QuerySet[PromptRequest]:
    return PromptRequest.objects.exclude(user=user.pk)


def _ids(rows: QuerySet[PromptRequest]) -> list[UUID]:
    return list(rows.order_by("-pk").values_list("pk", flat=True))


def _pages(rows: QuerySet[PromptRequest]) -> Iterator[list[UUID]]:
    """Ids in pages, each from where the one before has ended. Ids rise with time."""
    rows = rows.order_by("-pk")
    page = list(rows.values_list("pk", flat=True)[:BATCH])
    while page:
        yield page
        page = list(rows.filter(pk__lt=page[-1]).values_list("pk", flat=True)[:BATCH])


def _end(request_id: UUID) -> None:
    """Cancel a request, unless it has ended just now."""
    with transaction.atomic():
        still = PromptRequest.objects.select_for_update(no_key=True).filter(pk=request_id, status__in=UNFINISHED)
        if still.exists():
            submission.cancel(request_id)
