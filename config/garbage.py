"""Python's garbage collector, told what is none (docs/decisions/0029-what-a-process-keeps.md)."""

from __future__ import annotations

import gc


def spare_what_is_loaded() -> None:
    """Call once a process has loaded what it keeps until it ends; it takes a tenth of a second.

    A full collection waits until as much has piled up as a quarter of what there is. Next to 150,000 objects of
    modules that is megabytes of answers that nobody needs any more. What is frozen is neither counted nor looked
    through, so collections come soon and are short.
    """
    gc.collect()
    gc.freeze()
    # How much there is, is counted by full collections only.
    gc.collect()
