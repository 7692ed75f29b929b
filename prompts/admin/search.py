"""What somebody types into the search box."""

from __future__ import annotations

import re
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast, Right

from prompts.admin.pagination import BoundedPaginator

MODEL = TypeVar("MODEL", bound=Model)
SHORT_ID = re.compile(r"[0-9a-f]{8}")


def identified_by(text: str) -> UUID | None:
    """The id that `text` is, in any of its spellings, or None when it is something else."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def with_short_id(rows: QuerySet[MODEL], text: str) -> list[UUID]:
    """Ids that end in `text`, if it looks like one of the short ids in the lists.

    Looks at the rows that the list can be paged to and no further, newest first: no index leads to the end of an id.
    """
    ending = text.strip().lower()
    if not SHORT_ID.fullmatch(ending):
        return []
    newest = rows.order_by("-created_at", "-pk").values("pk")[: BoundedPaginator.LIMIT]
    ends = rows.model._default_manager.alias(ending=Right(Cast("pk", TextField()), 8))
    return list(ends.filter(pk__in=newest, ending=ending).values_list("pk", flat=True))


def by_id_or_words(rows: QuerySet[MODEL], text: str, column: str) -> QuerySet[MODEL]:
    """The row that `text` is the id of, or the short id; else those with these words in the column. All for no text."""
    identifier = identified_by(text)
    if identifier is not None:
        return rows.filter(pk=identifier)
    if found := with_short_id(rows, text):
        return rows.filter(pk__in=found)
    words = text.strip()
    return rows.filter(**{f"{column}__icontains": words}) if words else rows
