"""What a process keeps in memory, and what it gives back (docs/decisions/0029-what-a-process-keeps.md)."""

from __future__ import annotations

import ctypes
import gc
from threading import Event, Thread

#: Seconds between two times that memory is given back.
PAUSE_SECONDS = 5.0


def settle_down() -> None:
    """Call once a process has loaded what it keeps until it ends; it takes a tenth of a second.

    From then on a thread gives back what bursts of work have left. It ends with the process.
    """
    spare_what_is_loaded()
    Thread(target=_give_back_again_and_again, name="memory", daemon=True).start()


def spare_what_is_loaded() -> None:
    """Have the garbage collector leave alone what is there.

    A full collection waits until as much has piled up as a quarter of what there is. Next to 150,000 objects of
    modules that is megabytes of answers that nobody needs any more. What is frozen is neither counted nor looked
    through, so collections come soon and are short.
    """
    gc.collect()
    gc.freeze()
    # How much there is, is counted by full collections only.
    gc.collect()


def give_back() -> None:
    """Collect garbage, and let the system have the pages on which nothing lies.

    By itself glibc gives back only those at the end of its heap, so a burst would keep its pages until the next one
    (malloc_trim(3)). Other C libraries have no such call.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _give_back_again_and_again() -> None:
    never = Event()
    while not never.wait(PAUSE_SECONDS):
        give_back()
