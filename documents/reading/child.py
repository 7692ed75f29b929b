"""The process that reads one file: `child.py PARENT FILE DATA LIMITS`.

FILE is the path, DATA the folder with the language data, LIMITS the fields of `Limits` as JSON. It writes JSON lines
(see `messages`). Run as a script of its own, so that neither settings nor models are loaded into a process that handles
what strangers send.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # Isolated from the environment, it has to find this project by itself.
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from documents.reading import messages
from documents.reading.confinement import confine
from documents.reading.limits import Limits
from documents.reading.reasons import OUT_OF_MEMORY, Unreadable

logger = logging.getLogger(__name__)


def main(arguments: list[str]) -> None:
    parent, file, data, limits_text = arguments
    limits = messages.decode_limits(limits_text)
    confine(int(parent), limits)
    outlet = messages.Outlet(_private_stdout(), limits.max_text_bytes)
    code = 1
    try:
        _read(Path(file), data, limits, outlet)
        code = 0
    except Exception:
        logger.exception("not read")
    # No clean-up of what the libraries have allocated or started can hang or fail.
    os._exit(code)


def _private_stdout() -> int:
    """The pipe to the parent, where a library that prints can't reach it."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return pipe


def _read(file: Path, data: str, limits: Limits, outlet: messages.Outlet) -> None:
    try:
        from documents.reading.files import read_file

        read_file(file, data, limits, outlet.page)
    except Unreadable as error:
        outlet.unreadable(error)
    except MemoryError as error:
        outlet.unreadable(Unreadable(OUT_OF_MEMORY, str(error)))
    else:
        outlet.done()


if __name__ == "__main__":
    main(sys.argv[1:])
