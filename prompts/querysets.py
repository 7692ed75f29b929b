"""Reads of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat, Left, Now

if TYPE_CHECKING:
    from prompts.models.prompt_request import PromptRequest  # noqa: F401 (named in the base class below)

#: PostgreSQL refuses a search vector over 1 MB, and a prompt may be that long: its beginning is searched.
SEARCHED_CHARACTERS = 50_000


def search_vector() -> SearchVector:
    """The words of a request, exactly as the index holds them."""
    return SearchVector(Concat(Left("prompt_text", SEARCHED_CHARACTERS), Value(" "), "purpose"), config="simple")


class PromptRequestQuerySet(models.QuerySet["PromptRequest"]):
    """Chainable reads."""

    def due(self) -> Self:
        """Pending requests whose time has come, by the database's clock."""
        return self.filter(status="pending", awaits_text=False, next_attempt_at__lte=Now())

    def unfinished(self) -> Self:
        """Pending and generating requests."""
        return self.filter(status__in=["pending", "generating"])

    def matching(self, words: str) -> Self:
        """Requests whose text or purpose holds all of `words` (web search syntax: "a phrase", -without, or)."""
        query = SearchQuery(words, config="simple", search_type="websearch")
        return self.alias(searched=search_vector()).filter(searched=query)
