"""Measures everything in its own process, on the database of its environment.

As a script: `python -m benchmarks.growth.measuring OWNER PASSWORD [PART]` prints a line of JSON for each probe: its
name and what it took. With PART only those that have it in their name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import chain

import django


def measure(username: str, password: str, part: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Names and what was taken, one by one."""
    from benchmarks.growth.calls import api
    from benchmarks.growth.pages import console
    from benchmarks.growth.probing import take
    from benchmarks.growth.steps import steps

    for probe in chain(steps(), api(username, password), console(username)):
        if part in probe.name:
            yield probe.name, take(probe).as_dict()


if __name__ == "__main__":
    django.setup()
    for taken in measure(*sys.argv[1:]):
        print(json.dumps(taken), flush=True)
