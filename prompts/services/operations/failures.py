"""What failed lately: counted by class and model, and request by request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Left, Now
from django.utils import timezone

from prompts.models import PromptRequest, RequestStat
from prompts.models.prompt_request import Status
from prompts.services.statistics import HOURS_KEPT

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}
DEFAULT_WINDOW = "24h"
#: Groups that are shown, the largest first.
MOST_GROUPS = 50
MESSAGE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Group:
    """How many requests to `model` failed with `error_class`."""

    error_class: str
    model: str
    number: int


def failed_groups(window: str) -> list[Group]:
    """What failed within the window, by class and model, the most frequent first.

    Counted by whole hours, or by whole days (UTC) where the window goes back that far: up to one more than its length.
    """
    rows = RequestStat.objects.filter(hour__gte=_counted_since(WINDOWS[window]), outcome=Status.FAILED).values_list(
        "error_class", "model"
    )
    summed = rows.annotate(number=Sum("count")).order_by("-number", "error_class", "model")
    return [Group(*row) for row in summed[:MOST_GROUPS]]


def _counted_since(length: timedelta) -> datetime:
    """The hour in which the window begins; its day, where hours have been folded into days by now."""
    begin = (timezone.now() - length).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return begin if length < HOURS_KEPT else begin.replace(hour=0)


def failed_requests(window: str, *, error_class: str = "", model: str = "", most: int = 100) -> Sequence[PromptRequest]:
    """Failed requests that came in within the window, newest first, without their texts.

    `retried_as` is the id of the newest replay of each, or None; `why` the beginning of its error message.
    """
    chosen = {"error_class": error_class, "model": model}
    rows = PromptRequest.objects.filter(
        status=Status.FAILED,
        created_at__gt=Now() - WINDOWS[window],
        **{name: value for name, value in chosen.items() if value},
    )
    replays = PromptRequest.objects.filter(replay_of=OuterRef("pk")).order_by("-pk")
    shown = rows.select_related("user").only(
        "id", "created_at", "model", "error_class", "prompt_type", "user__username"
    )
    marked = shown.annotate(
        retried_as=Subquery(replays.values("pk")[:1]), why=Left("error_message", MESSAGE_CHARACTERS)
    )
    return list(marked.order_by("-created_at", "-id")[:most])
