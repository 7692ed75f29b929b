"""What the operator reads: each line says which part of the project wrote it."""

from __future__ import annotations

import os
import sys
from typing import TextIO

NAME_WIDTH = 9
RESET = "\x1b[0m"
# ANSI foreground colours (ECMA-48, SGR) that are legible on dark and on light terminals.
COLOURS = {"run": 35, "web": 36, "worker": 32, "scheduler": 33}
DEFAULT_COLOUR = 34


class Console:
    """Writes whole lines, coloured where they go to a terminal and NO_COLOR is not set (no-color.org)."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.coloured = self.stream.isatty() and not os.environ.get("NO_COLOR")

    def line(self, name: str, text: str) -> None:
        """Write one line of `name`'s; a reader that has gone away is no reason to stop."""
        try:
            self.stream.write(f"{self._prefix(name)} {text}\n")
            self.stream.flush()
        except BrokenPipeError:
            self.stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - stays open for good

    def say(self, text: str) -> None:
        """Write a line of the supervisor's own."""
        self.line("run", text)

    def _prefix(self, name: str) -> str:
        label = f"{name:<{NAME_WIDTH}} |"
        return f"\x1b[{COLOURS.get(name, DEFAULT_COLOUR)}m{label}{RESET}" if self.coloured else label
