"""Two batches over the same files, field by field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from documents.models import Batch
from documents.services.items import PAGE, ItemResult, answers_at, field_names
from documents.services.keeping import kept
from documents.services.outcomes import ENDED

#: Names that models make up are told apart up to this many; those that a schema knows always are.
MOST_FIELDS = 200
#: Of what becomes of a field.
DIFFERENT = frozenset({"changed", "gained", "lost"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field whose value differs; None stands for a missing one."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A file of which the two batches say different things."""

    old: ItemResult
    new: ItemResult
    changes: tuple[FieldChange, ...]


@dataclass(slots=True)
class FieldCounts:
    """In how many files a field has the same value, another one, one in the new or the old batch alone, or none."""

    field: str
    same: int = 0
    changed: int = 0
    gained: int = 0
    lost: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`documents` were compared; of `unfinished` a batch has no end yet, and `only_*` are in one batch alone.

    `changes` has those that differ, by their place in the old batch, up to the limit; `changed` is how many there are.
    """

    documents: int
    unfinished: int
    only_old: int
    only_new: int
    changed: int
    fields: tuple[FieldCounts, ...]
    changes: tuple[DocumentChange, ...]


def compare(old: Batch, new: Batch, *, after: int = 0, limit: int = 100) -> Comparison:
    """Compare the fields of all files that are in both; `changes` begin behind position `after` of the old batch.

    Fields are equal if their JSON values are. Files that are in a batch several times are paired in their order. What
    was counted of two batches that have ended is kept for a while.
    """
    tally = _tally(old, new) if old.finished_at is None or new.finished_at is None else _kept_tally(old, new)
    shown = dict([pair for pair in tally.changed if pair[0] > after][:limit])
    return Comparison(
        documents=tally.documents,
        unfinished=tally.unfinished,
        only_old=tally.only_old,
        only_new=tally.only_new,
        changed=len(tally.changed),
        fields=tuple(tally.counts.values()),
        changes=tuple(_change(before, now, tally.counts) for before, now in _answers(old, new, shown)),
    )


def _kept_tally(old: Batch, new: Batch) -> _Tally:
    ends = [f"{batch.pk}:{batch.finished_at.timestamp()}" for batch in (old, new) if batch.finished_at]
    return kept(f"comparison:{':'.join(ends)}", lambda: _tally(old, new))


def _tally(old: Batch, new: Batch) -> _Tally:
    pairs, only_old, only_new = _pairs(old, new)
    tally = _Tally([*field_names(new), *field_names(old)], only_old, only_new)
    for start in range(0, len(pairs), PAGE):
        for before, now in _answers(old, new, dict(pairs[start : start + PAGE])):
            tally.add(before, now)
    return tally


class _Tally:
    """Counts pair after pair, and notes at which positions something differs."""

    def __init__(self, fields: Iterable[str], only_old: int, only_new: int) -> None:
        self.counts = {name: FieldCounts(name) for name in fields}
        self.only_old, self.only_new = only_old, only_new
        self.documents = self.unfinished = 0
        self.changed: list[tuple[int, int]] = []

    def add(self, old: ItemResult, new: ItemResult) -> None:
        """Count a file, unless one of the batches is still at it."""
        if old.outcome not in ENDED or new.outcome not in ENDED:
            self.unfinished += 1
            return
        before = self.documents
        self.documents += 1
        given_old, given_new = _given(old), _given(new)
        self._learn([*given_new, *given_old], before)
        differ = [name for name in self.counts if self._count(name, given_old, given_new)]
        if differ:
            self.changed.append((old.position, new.position))

    def _learn(self, names: Iterable[str], missed: int) -> None:
        """Begin to count fields that no schema told of; the files so far didn't have them."""
        for name in names:
            if name not in self.counts and len(self.counts) < MOST_FIELDS:
                self.counts[name] = FieldCounts(name, missing=missed)

    def _count(self, name: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Whether the field differs."""
        kind = _kind(name, old, new)
        counts = self.counts[name]
        setattr(counts, kind, getattr(counts, kind) + 1)
        return kind in DIFFERENT


def _change(old: ItemResult, new: ItemResult, fields: Iterable[str]) -> DocumentChange:
    before, now = _given(old), _given(new)
    differ = [name for name in fields if _kind(name, before, now) in DIFFERENT]
    return DocumentChange(old, new, tuple(FieldChange(name, before.get(name), now.get(name)) for name in differ))


def _kind(name: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    if name not in old:
        return "gained" if name in new else "missing"
    if name not in new:
        return "lost"
    return "same" if _same(old[name], new[name]) else "changed"


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: for Python True is 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _given(result: ItemResult) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in (result.fields or {}).items() if value is not None and value != ""}


def _pairs(old: Batch, new: Batch) -> tuple[list[tuple[int, int]], int, int]:
    """The positions of each file in both, in the old order, and how many are in one alone."""
    places = _places(new)
    total = sum(map(len, places.values()))
    pairs, only_old = [], 0
    for sha256, position in _files(old):
        if waiting := places[sha256]:
            pairs.append((position, waiting.pop(0)))
        else:
            only_old += 1
    return pairs, only_old, total - len(pairs)


def _places(batch: Batch) -> defaultdict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for sha256, position in _files(batch):
        places[sha256].append(position)
    return places


def _files(batch: Batch) -> Iterator[tuple[str, int]]:
    yield from batch.items.order_by("position").values_list("document__file__sha256", "position")


def _answers(old: Batch, new: Batch, pairs: dict[int, int]) -> Iterator[tuple[ItemResult, ItemResult]]:
    """What came of both, by their positions in the old batch and the new one."""
    there = {result.position: result for result in answers_at(new, list(pairs.values()))}
    for result in answers_at(old, list(pairs)):
        yield result, there[pairs[result.position]]
