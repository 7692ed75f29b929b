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


def answer_vector(response: str = "") -> SearchVector:
    """The words of an answer, exactly as the index holds them; `response` leads to it, as `response__` does."""
    return SearchVector(Left(f"{response}response_text", SEARCHED_CHARACTERS), config="simple")


def words_query(words: str) -> SearchQuery:
    """What is typed into a search box: words, "a phrase", -without, or."""
    return SearchQuery(words, config="simple", search_type="websearch")


class PromptRequestQuerySet(models.QuerySet["PromptRequest"]):
    """Chainable reads."""

    def due(self) -> Self:
        """Pending requests whose time has come, by the database's clock."""
        return self.filter(status="pending", awaits_text=False, next_attempt_at__lte=Now())

    def unfinished(self) -> Self:
        """Pending and generating requests."""
        return self.filter(status__in=["pending", "generating"])

    def asking(self, words: str) -> Self:
        """Requests whose text and purpose hold `words` (web search syntax: "a phrase", -without, or)."""
        return self.alias(searched=search_vector()).filter(searched=words_query(words))

    def answered_with(self, words: str) -> Self:
        """Requests whose answer holds `words`."""
        answered = self.filter(response__isnull=False).alias(answer_words=answer_vector("response__"))
        return answered.filter(answer_words=words_query(words))
