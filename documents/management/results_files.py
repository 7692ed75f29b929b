"""Results in a file of the person who runs a command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from audit.whole_files import may_be_replaced, whole_file
from documents.models import Batch
from documents.services.results import csv_lines, json_lines

#: By the end of the file's name.
KINDS: dict[str, Callable[[Batch], Iterator[str]]] = {".csv": csv_lines, ".jsonl": json_lines}


def problem_with(path: Path) -> str:
    """Why results can't be written to `path`, as a sentence; empty where they can."""
    if path.suffix.lower() not in KINDS:
        return f"{path} can't be written: its name must end in .csv or .jsonl."
    if not path.parent.is_dir():
        return f"{path} can't be written: there is no folder {path.parent}."
    if not may_be_replaced(path):
        return f"{path} can't be written: it is a folder, a link, a device or a pipe."
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"{path} can't be written: this account may not write to {path.parent}."
    return ""


def write_results(batch: Batch, path: Path) -> None:
    """Write the results to `path`, in place of what is there: whole or not at all, mode 0600. Raises OSError."""
    with whole_file(path, "w", encoding="utf-8", newline="") as file:
        file.writelines(KINDS[path.suffix.lower()](batch))
