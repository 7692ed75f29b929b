"""How tests are collected and spread: which files are looked at, in which order they come, over how many processes."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Generator, Iterable
from functools import cache
from pathlib import Path

import pytest

SERIAL = "serial"


@cache
def names_the_mark(path: Path) -> bool:
    return f"pytest.mark.{SERIAL}" in path.read_text("utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: one of them always waits for the database or for threads."""
    return (os.cpu_count() or 1) + 1


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m serial`, the files with such tests alone: to import all others takes half a minute a process."""
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    # None leaves it to others to say.
    return (config.option.markexpr == SERIAL and is_test and not names_the_mark(collection_path)) or None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is made on the way stays to the end; to look through it for garbage again and again takes a fifth longer."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """No test has the mark from elsewhere, for `-m serial` would not find it."""
    if item.get_closest_marker(SERIAL) and not names_the_mark(item.path):
        raise pytest.UsageError(f"Write pytest.mark.{SERIAL} in {item.path} itself: `-m {SERIAL}` reads no other file.")


def refuse_doubles(names: Iterable[str]) -> None:
    """Of tests that share an id, pytest-xdist runs one alone, and says nothing of the others."""
    doubled = [name for name, times in Counter(names).items() if times > 1]
    if doubled:
        raise pytest.UsageError(f"Several tests have the same id, and only one of them would run: {doubled}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What may take longest comes first, so that at the end no process waits for another."""
    refuse_doubles(item.nodeid for item in items)
    usual = float(config.getini("timeout"))
    marks = {item: item.get_closest_marker("timeout") for item in items}
    items.sort(key=lambda item: mark.args[0] if (mark := marks[item]) else usual, reverse=True)
