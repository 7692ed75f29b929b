"""`make growth [ROWS="10000 1000000 …"] [KEEP=folder]`: the same with more and more requests, as a table and JSON.

A folder that is kept is the DATA_DIR of a stopped installation: what it holds already is not filled again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.growth import tables
from benchmarks.site import USUAL, Site, site
from config.embedded.paths import EmbeddedPaths
from config.tests.e2e.installation import PASSWORD, USERNAME, Installation

RESULTS = Path(".data/growth.json")
SIZES = [10_000, 1_000_000]


def main() -> int:
    """Fill, measure, fill, measure; what is known after each size is written at once."""
    options = _options()
    run: dict[str, Any] = {"machine": machine.describe(), "sizes": {}}
    with _folder(options.keep) as folder, _site(folder) as one:
        for rows in sorted(options.rows):
            run["sizes"][str(rows)] = _measured(one, rows, options.only)
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(json.dumps(run, indent=1))
    tables.show(run)
    print(f"Written to {options.output}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=SIZES, metavar="ROWS", help=f"default: {SIZES}")
    parser.add_argument("--only", default="", metavar="PART", help="measure only what has this in its name")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the data there, or begin with it")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FILE", help=f"default: {RESULTS}")
    return parser.parse_args()


def _measured(one: Site, rows: int, only: str) -> dict[str, Any]:
    """What each probe took with so many requests, how the rows came in, and what they take on the disk."""
    ((had,),) = one.installation.sql("SELECT count(*) FROM prompt_requests WHERE metadata ? 'demo'")
    started = time.monotonic()
    steps = json.loads(_filled(one, rows - had)) if rows > had else {}
    seconds = time.monotonic() - started
    ((size,),) = one.installation.sql("SELECT pg_database_size(current_database())")
    print(f"{rows:,} requests after {seconds:.0f} s: {steps}", file=sys.stderr)
    one.installation.manage("collectstatic", "--no-input", "--verbosity=0")
    lines = one.script("benchmarks.growth.measuring", USERNAME, PASSWORD, only).splitlines()
    return {
        "filled": {"rows": max(rows - had, 0), "seconds": round(seconds, 1), "steps": steps},
        "bytes": size,
        "probes": dict(map(json.loads, lines)),
    }


def _filled(one: Site, requests: int) -> str:
    """Without waiting for the disk, which is made up for by the checkpoint of the restart."""
    _restart(one, durable=False)
    output = one.script("benchmarks.growth.filling", str(requests), USERNAME)
    _restart(one, durable=True)
    return output


def _restart(one: Site, *, durable: bool) -> None:
    postgres = one.installation.postgres
    postgres.stop()
    postgres.durable = durable
    postgres.start()


@contextmanager
def _site(folder: Path) -> Iterator[Site]:
    """A new one, or the one whose data lies there."""
    if not EmbeddedPaths(folder).postgres_dir.exists():
        with site(folder, None) as one:
            yield one
        return
    one = Site(Installation(folder, environment=USUAL, durable=True))
    with one.installation.postgres, one.installation.valkey:
        one.installation.manage("migrate", "--verbosity=0")
        yield one


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """One that the servers' account may reach."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="apm-", dir="/tmp", ignore_cleanup_errors=True) as name:
            Path(name).chmod(0o711)
            yield Path(name)
    else:
        keep.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield keep.resolve()


if __name__ == "__main__":
    sys.exit(main())
