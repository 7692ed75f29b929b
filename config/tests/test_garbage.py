"""What piles up in a process is collected soon, however much the process has loaded."""

from __future__ import annotations

import gc
import subprocess
import sys

#: A heap as large as that of modules, then a fifth as much that comes later: too little for a full collection, usually.
COLLECTIONS = """
import gc
{prepare}
loaded = [[] for _ in range(500_000)]
gc.collect()
{settle}
before = gc.get_stats()[2]["collections"]
later = [[] for _ in range(100_000)]
print(gc.get_stats()[2]["collections"] - before)
"""


def collections(*, prepare: str = "", settle: str = "") -> int:
    """How many full ones that many later objects have caused, in a process of its own."""
    program = COLLECTIONS.format(prepare=prepare, settle=settle)
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def test_without_it_a_full_collection_waits_for_a_quarter_of_what_is_loaded() -> None:
    assert collections() == 0


def test_what_is_loaded_puts_no_full_collection_off() -> None:
    prepare = "from config.garbage import spare_what_is_loaded"
    assert collections(prepare=prepare, settle="spare_what_is_loaded()") >= 1


def test_a_web_process_has_spared_what_it_loaded() -> None:
    program = "import config.wsgi, gc; print(gc.get_freeze_count())"
    spared = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert int(spared) > len(gc.get_objects()) / 10
