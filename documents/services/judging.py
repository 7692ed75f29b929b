"""Comparing the answers of a batch with what its labelled set expects, document by document."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from uuid import UUID

import rfc8785

from documents import accuracy
from documents.accuracy.matching import written
from documents.models import Batch, Document, LabelledDocument, LabelledSet
from documents.services import items
from documents.services.items import ItemResult
from documents.services.keeping import kept
from documents.services.outcomes import ItemOutcome


@dataclass(frozen=True, slots=True)
class Judgement:
    """A field: what it should be, what came, and whether that is right. What did not come is None."""

    field: str
    expected: Any
    given: Any
    is_exact: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled document with its fields. `outcome` is an ItemOutcome, empty where the batch has no such document."""

    position: int
    name: str
    document_id: UUID
    outcome: str
    fields: tuple[Judgement, ...]
    #: There was an answer, and what it said is no longer known.
    is_erased: bool = False

    @property
    def wrong(self) -> int:
        """How many fields are not right."""
        return sum(not field.is_right for field in self.fields)


def content_sha256(labelled: Iterable[tuple[Document, dict[str, Any]]]) -> str:
    """The SHA-256, in hexadecimal digits, of which files should have which fields, in whatever order they come."""
    contents = sorted(((document.file.sha256, expected) for document, expected in labelled), key=itemgetter(0))
    plain: list[Any] = [{"fields": expected, "sha256": sha256} for sha256, expected in contents]
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()


def labels_of(labelled_set: LabelledSet) -> list[LabelledDocument]:
    """The documents of a set in their order, with their files."""
    return list(labelled_set.documents.select_related("document__file").order_by("position"))


def judge(batch: Batch, labels: Iterable[LabelledDocument]) -> Iterator[Judged]:
    """Each labelled document once, those without a place in the batch last. Answers are read a page at a time."""
    waiting = {label.document_id: label for label in labels}
    month_first = _orders(label.expected for label in waiting.values())
    for result in items.answers(batch):
        if label := waiting.pop(result.document_id, None):
            yield _judged(label, result, month_first)
    for label in waiting.values():
        yield _judged(label, None, month_first)


def orders_of(labelled_set_id: int) -> dict[str, bool]:
    """By field, whether its dates in numbers have the month first, as the whole set shows. Kept: sets never change."""
    rows = LabelledDocument.objects.filter(labelled_set=labelled_set_id)
    return kept(f"orders:{labelled_set_id}", lambda: _orders(rows.values_list("expected", flat=True).iterator()))


def _orders(expectations: Iterable[dict[str, Any]]) -> dict[str, bool]:
    texts: dict[str, list[str]] = {}
    for expected in expectations:
        for name, value in expected.items():
            texts.setdefault(name, []).append(written(value))
    return {name: accuracy.month_first(values) for name, values in texts.items()}


def _judged(label: LabelledDocument, result: ItemResult | None, month_first: dict[str, bool]) -> Judged:
    outcome = result.outcome if result else ""
    came = result.fields if result and outcome == ItemOutcome.COMPLETED else None
    fields = (_judgement(name, value, came, month_first=month_first[name]) for name, value in label.expected.items())
    is_erased = result is not None and result.texts_erased_at is not None
    return Judged(label.position, label.document.name, label.document_id, outcome, tuple(fields), is_erased)


def _judgement(name: str, expected: Any, came: dict[str, Any] | None, *, month_first: bool) -> Judgement:
    """Without an answer that has fields nothing is right, not even what was expected to be missing."""
    if came is None:
        return Judgement(name, expected, None, is_exact=False, is_right=False)
    given = came.get(name)
    is_exact = accuracy.matches_exactly(expected, given)
    is_right = is_exact or accuracy.matches(expected, given, month_first=month_first)
    return Judgement(name, expected, given, is_exact, is_right)
