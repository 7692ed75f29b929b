"""Two commands over one folder at once: its documents are asked about once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from documents.management import filling
from documents.management.filling import Filling, Wish
from documents.management.folders import look_through, source_of
from documents.models import Batch, BatchItem
from prompts.tests.factories import make_user
from prompts.tests.services.test_lifecycle_races import together

pytestmark = pytest.mark.django_db(transaction=True)

FILES = 12


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in range(FILES):
        (tmp_path / f"{number:02}.txt").write_text(f"Receipt {number}")
    return tmp_path


@pytest.fixture
def wish(root: Path) -> Wish:
    user: Any = make_user("root", is_superuser=True)
    return Wish(user, "text", source_of(root), version_number=None, model="simulator/default", purpose="")


def looked(wish: Wish, root: Path) -> Filling:
    """A command that has looked for the batch of its folder, and put nothing into it yet."""
    return Filling(wish, wish.find(), look_through(root), root)


def test_the_later_of_two_commands_goes_on_with_the_batch_of_the_first(wish: Wish, root: Path) -> None:
    first, second = looked(wish, root), looked(wish, root)
    list(first.step())
    list(second.step())
    assert (second.batch, second.added, second.known) == (first.batch, 0, FILES)
    assert BatchItem.objects.count() == FILES


def test_many_commands_at_once_put_each_content_into_one_batch_once(
    wish: Wish, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "FILES_AT_ONCE", 2)
    commands = [looked(wish, root) for _ in range(4)]
    together(4, lambda number: list(commands[number].step()))
    contents = BatchItem.objects.values_list("document__file__sha256", flat=True)
    assert (Batch.objects.count(), len(contents), len(set(contents))) == (1, FILES, FILES)
    assert sum(command.added for command in commands) == FILES


def test_another_batch_that_was_asked_for_is_another_one(wish: Wish, root: Path) -> None:
    commands = [looked(wish, root), looked(replace(wish, is_new=True), root)]
    for command in commands:
        list(command.step())
    assert [command.added for command in commands] == [FILES, FILES]
    assert Batch.objects.count() == 2
