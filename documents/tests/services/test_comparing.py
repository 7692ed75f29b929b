"""Two batches over the same files."""

from __future__ import annotations

from typing import Any

import pytest

from documents.models import Batch
from documents.services.comparing import Comparison, FieldChange, compare
from documents.tests.batching import Answer, answered, answers, fails, make_batch, with_fields
from documents.tests.factories import make_document
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db


def finished(documents: Any, *replies: Answer, fields: tuple[str, ...] = ()) -> Batch:
    """A batch with these answers, in the order of the documents."""
    given = {"version_number": with_fields(*fields)} if fields else {}
    return answered(make_batch(documents, **given), *replies)


def counts(comparison: Comparison) -> dict[str, tuple[int, int, int, int, int]]:
    """By field: same, changed, gained, lost, missing."""
    return {each.field: (each.same, each.changed, each.gained, each.lost, each.missing) for each in comparison.fields}


def changes(comparison: Comparison) -> dict[int, list[FieldChange]]:
    """By position."""
    return {change.old.position: list(change.changes) for change in comparison.changes}


@pytest.fixture
def three() -> list[Any]:
    user = make_user()
    return [make_document(user) for _ in range(3)]


def test_every_field_is_counted_by_what_became_of_it(three: list[Any]) -> None:
    old = finished(three, answers(a="1", b="2"), answers(a="1"), answers(a="1", c="3"))
    new = finished(three, answers(a="1", b="3"), answers(a="1", b="2"), answers(a="1", b=""))
    found = compare(old, new)
    assert (found.documents, found.changed, found.unfinished) == (3, 3, 0)
    assert counts(found) == {"a": (3, 0, 0, 0, 0), "b": (0, 1, 1, 0, 1), "c": (0, 0, 0, 1, 2)}
    assert changes(found) == {
        1: [FieldChange("b", "2", "3")],
        2: [FieldChange("b", None, "2")],
        3: [FieldChange("c", "3", None)],
    }


def test_files_are_paired_by_their_content_whatever_their_order_and_name(three: list[Any]) -> None:
    user = make_user()
    again = [make_document(user, file=document.file, name="other.pdf") for document in reversed(three)]
    old = finished(three, answers(a="1"), answers(a="2"), answers(a="3"))
    new = finished(again, answers(a="3"), answers(a="2"), answers(a="9"))
    found = compare(old, new)
    assert changes(found) == {1: [FieldChange("a", "1", "9")]}
    assert (found.changes[0].old.position, found.changes[0].new.position) == (1, 3)


def test_files_that_are_in_one_alone_are_counted_apart(three: list[Any]) -> None:
    old = finished(three[:2], answers(a="1"), answers(a="1"))
    new = finished(three[1:], answers(a="1"), answers(a="1"))
    found = compare(old, new)
    assert (found.documents, found.only_old, found.only_new) == (1, 1, 1)


def test_a_file_that_is_there_twice_is_paired_twice(three: list[Any]) -> None:
    twin = make_document(make_user(), file=three[0].file)
    old = finished([three[0], twin], answers(a="1"), answers(a="2"))
    new = finished([three[0], twin], answers(a="1"), answers(a="3"))
    assert changes(compare(old, new)) == {2: [FieldChange("a", "2", "3")]}


def test_what_failed_in_one_has_lost_or_gained_its_fields(three: list[Any]) -> None:
    old = finished(three[:2], answers(a="1"), fails(), fields=("a",))
    new = finished(three[:2], fails(), answers(a="1"), fields=("a",))
    assert counts(compare(old, new)) == {"a": (0, 0, 1, 1, 0)}


def test_what_one_is_still_at_is_not_compared(three: list[Any]) -> None:
    old = finished(three, answers(a="1"), answers(a="1"), answers(a="1"))
    found = compare(old, make_batch(three))
    assert (found.documents, found.unfinished, found.changes) == (0, 3, ())


def test_true_is_not_one_and_one_is_one_point_nought(three: list[Any]) -> None:
    old = finished(three[:1], answers(a=1, b=1))
    new = finished(three[:1], answers(a=True, b=1.0))
    assert counts(compare(old, new)) == {"a": (0, 1, 0, 0, 0), "b": (1, 0, 0, 0, 0)}


def test_changes_come_in_pages_and_the_counts_are_of_all(three: list[Any]) -> None:
    old = finished(three, *(answers(a="1"),) * 3)
    new = finished(three, *(answers(a="2"),) * 3)
    assert list(changes(compare(old, new, limit=2))) == [1, 2]
    second = compare(old, new, after=2, limit=2)
    assert (list(changes(second)), second.changed, second.documents) == ([3], 3, 3)


def test_queries_grow_with_pages_and_not_with_documents(three: list[Any], django_assert_num_queries: Any) -> None:
    old = finished(three, *(answers(a="1"),) * 3)
    assert old.version
    with django_assert_num_queries(4):
        compare(old, old)
