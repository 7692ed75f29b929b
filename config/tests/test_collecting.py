"""`-m serial` finds all serial tests although it looks at few files."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.tests import collecting

MARKED, PLAIN = "pytestmark = pytest.mark.serial\n", "from elsewhere import pytestmark\n"


def file(folder: Path, text: str, name: str = "test_it.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def is_left_out(path: Path, expression: str) -> bool | None:
    config: Any = SimpleNamespace(option=SimpleNamespace(markexpr=expression))
    return collecting.pytest_ignore_collect(path, config)


def test_a_file_without_the_mark_is_left_out_of_the_serial_run_alone(tmp_path: Path) -> None:
    plain = file(tmp_path, PLAIN)
    assert [is_left_out(plain, expression) for expression in ("serial", "not serial", "")] == [True, None, None]


def test_a_file_with_the_mark_and_what_is_no_test_are_never_left_out(tmp_path: Path) -> None:
    paths = [file(tmp_path, MARKED), file(tmp_path, PLAIN, "conftest.py"), tmp_path]
    assert [is_left_out(path, "serial") for path in paths] == [None, None, None]


def test_a_serial_test_in_a_file_that_does_not_say_so_is_refused(tmp_path: Path) -> None:
    item: Any = SimpleNamespace(path=file(tmp_path, PLAIN), get_closest_marker=lambda name: name == "serial")
    with pytest.raises(pytest.UsageError, match=r"Write pytest\.mark\.serial in .*test_it\.py itself"):
        collecting.pytest_itemcollected(item)


def test_tests_that_share_an_id_are_refused() -> None:
    collecting.refuse_doubles(["test_it.py::test_a[1]", "test_it.py::test_a[2]"])
    with pytest.raises(pytest.UsageError, match=r"the same id.*test_it\.py::test_a"):
        collecting.refuse_doubles(["test_it.py::test_a", "test_it.py::test_b", "test_it.py::test_a"])
