"""Accuracy over versions: of each the last run, and nothing that was measured on something else."""

from __future__ import annotations

from typing import Any

import pytest

from documents.services.developments import developments, last_measured_set
from documents.tests.measuring import make_set, measured, reads, run_on
from prompts.tests.factories import make_version

pytestmark = pytest.mark.django_db


def test_versions_stand_in_their_order_with_what_they_came_to() -> None:
    labelled_set = make_set(4)
    first, second = measured(labelled_set, 1), measured(labelled_set, 3)
    (found,) = developments(labelled_set)
    numbers = [first.version.version_number, second.version.version_number]
    assert (found.prompt_type, found.versions) == ("text", numbers)
    (runs,) = found.models.values()
    assert [runs[number].normalised for number in numbers] == [1, 3]


def test_of_several_runs_of_a_version_the_last_one_counts() -> None:
    labelled_set = make_set(4)
    version = make_version("Read {{input}}")
    for right in (4, 2):
        measured(labelled_set, right, version)
    (found,) = developments(labelled_set)
    (runs,) = found.models.values()
    assert [run.normalised for run in runs.values()] == [2]


def test_models_are_told_apart_the_last_measured_first() -> None:
    labelled_set = make_set(2)
    version = make_version("Read {{input}}")
    for model in ("simulator/one", "simulator/two"):
        run_on(labelled_set, version, reads(1), model)
    (found,) = developments(labelled_set)
    assert list(found.models) == ["simulator/two", "simulator/one"]


def test_another_revision_is_another_set() -> None:
    first, second = make_set(2), make_set(3)
    measured(first, 1)
    assert developments(second) == []


def test_one_type_can_be_asked_for() -> None:
    labelled_set = make_set(2)
    measured(labelled_set, 1)
    assert [found.prompt_type for found in developments(labelled_set, "text")] == ["text"]
    assert developments(labelled_set, "code") == []


def test_more_runs_take_no_more_queries(django_assert_num_queries: Any) -> None:
    labelled_set = make_set(2)
    for right in (0, 1, 2):
        measured(labelled_set, right)
    with django_assert_num_queries(1):
        assert len(developments(labelled_set)[0].versions) == 3


def test_the_newest_versions_are_shown_of_very_many(monkeypatch: Any) -> None:
    monkeypatch.setattr("documents.services.developments.MOST_VERSIONS", 2)
    labelled_set = make_set(1)
    numbers = [measured(labelled_set, 1).version.version_number for _ in range(3)]
    (found,) = developments(labelled_set)
    assert found.versions == numbers[1:]


def test_the_set_that_was_measured_last_is_known() -> None:
    assert last_measured_set("text") is None
    measured(make_set(1, "old"), 1)
    newer = make_set(1, "new")
    measured(newer, 1)
    assert last_measured_set("text") == newer
