"""`make bench [ONLY="name …"] [REPEAT=n] [COMPARE=old.json]`: prints a table and keeps it as JSON."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import machine, tables
from benchmarks.comparing import changes
from benchmarks.figures import Figure, Result, merged
from benchmarks.measures import MEASURES, ONCE
from benchmarks.runs import Run
from benchmarks.site import site
from config.tests.e2e.database import prepared_database

RESULTS = Path(".data/bench.json")
#: Requests name it; measures that have it called say where it is.
PROVIDER = {"OPENAI_API_KEY": "sk-mock", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}


def main() -> int:
    """Exit code: 0, also where an aim is not reached or something got worse; the table says so."""
    options = _options()
    before = Run.load(options.compare).results if options.compare else []
    where, results = machine.describe(), list[Result]()
    with _folder() as folder:
        database = prepared_database(folder)
        for name in options.names or MEASURES:
            results += measured(name, options.repeat, database)
            # At once: a run takes long, and a later measure may fail.
            Run(where, options.repeat, results).save(options.output)
    tables.show(results, changes(before, results))
    print(f"Written to {options.output}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds of each measure (default: 3)")
    parser.add_argument("--compare", type=Path, metavar="OLD.json", help="say what changed since that run")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE", help=f"default: {RESULTS}")
    return parser.parse_args()


def measured(name: str, repeats: int, database: Path) -> list[Result]:
    """The named measure, each round on an installation of its own that begins with `database`."""
    rounds = []
    for number in range(1, 1 + (1 if name in ONCE else repeats)):
        started = time.monotonic()
        rounds.append(_round(name, database))
        print(f"{name}, round {number}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    return merged(rounds)


def _round(name: str, database: Path) -> list[Figure]:
    with _folder() as folder, site(folder, database, PROVIDER) as one:
        return MEASURES[name](one)


@contextmanager
def _folder() -> Iterator[Path]:
    """One that the servers' account may reach."""
    with tempfile.TemporaryDirectory(prefix="apm-", dir="/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


if __name__ == "__main__":
    sys.exit(main())
