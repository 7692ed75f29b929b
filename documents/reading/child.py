"""The process that opens one file: `child.py PARENT FILE LIMITS read DATA`, or `… draw NUMBER WIDTH`.

FILE is the path, LIMITS the fields of `Limits` as JSON. To read takes the folder with the language data; to draw, the
number of the page and how many pixels wide its picture is to be. It writes JSON lines (see `messages`). Run as a script
of its own, so that neither settings nor models are loaded into a process that handles what strangers send.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    # Isolated from the environment, it has to find this project by itself.
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from documents.reading import messages
from documents.reading.confinement import confine
from documents.reading.limits import Limits
from documents.reading.reasons import OUT_OF_MEMORY, Unreadable

logger = logging.getLogger(__name__)

Task = Callable[[Path, list[str], Limits, messages.Outlet], None]


def main(arguments: list[str]) -> None:
    parent, file, limits_text, task, *details = arguments
    limits = messages.decode_limits(limits_text)
    confine(int(parent), limits)
    outlet = messages.Outlet(_private_stdout(), limits.max_text_bytes)
    code = 1
    try:
        _do(TASKS[task], Path(file), details, limits, outlet)
        code = 0
    except Exception:
        logger.exception("not done")
    # No clean-up of what the libraries have allocated or started can hang or fail.
    os._exit(code)


def _private_stdout() -> int:
    """The pipe to the parent, where a library that prints can't reach it."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return pipe


def _do(task: Task, file: Path, details: list[str], limits: Limits, outlet: messages.Outlet) -> None:
    try:
        task(file, details, limits, outlet)
    except Unreadable as error:
        outlet.unreadable(error)
    except MemoryError as error:
        outlet.unreadable(Unreadable(OUT_OF_MEMORY, str(error)))
    else:
        outlet.done()


def _read(file: Path, details: list[str], limits: Limits, outlet: messages.Outlet) -> None:
    from documents.reading.files import read_file

    (data,) = details
    read_file(file, data, limits, outlet.page)


def _draw(file: Path, details: list[str], limits: Limits, outlet: messages.Outlet) -> None:
    from documents.reading.drawing import drawn

    number, width = map(int, details)
    if picture := drawn(file, number, width, limits):
        outlet.picture(picture)


TASKS: dict[str, Task] = {"read": _read, "draw": _draw}

if __name__ == "__main__":
    main(sys.argv[1:])
