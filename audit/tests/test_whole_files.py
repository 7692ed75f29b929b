"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.whole_files import whole_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Alone in its folder, once it is there."""
    folder = tmp_path / "alone"
    folder.mkdir()
    return folder / "out"


def make_link(path: Path) -> None:
    path.symlink_to(__file__)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, make_link], ids=["a pipe", "a folder", "a link"])
def test_what_is_no_file_is_refused_and_stays(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    before = path.lstat().st_ino
    with pytest.raises(OSError, match="a folder, a link, a device or a pipe"), whole_file(path):
        pass
    assert [one.lstat().st_ino for one in path.parent.iterdir()] == [before]


def test_a_file_that_is_there_is_kept_unless_it_may_be_replaced(path: Path) -> None:
    path.write_text("before")
    with pytest.raises(FileExistsError), whole_file(path, "w", replace=False):
        pass
    assert path.read_text() == "before"


def test_an_error_inside_leaves_what_was_there(path: Path) -> None:
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), whole_file(path, "w") as file:
        file.write(f"half {1 / 0}")
    assert [(one.name, one.read_text()) for one in path.parent.iterdir()] == [("out", "before")]
