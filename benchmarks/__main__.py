"""`make bench [ONLY=name]`: prints a table and keeps it as JSON in .data/bench.json."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import measures
from benchmarks.audit import audit
from benchmarks.console import console
from benchmarks.measures import Figure
from benchmarks.ocr import ocr
from benchmarks.resolve import resolve
from config.tests.e2e.installation import Installation
from providers.tests.stubs import VendorStub

RESULTS = Path(".data/bench.json")
MEASURES = measures.MEASURES | {"resolve": resolve, "audit": audit, "ocr": ocr, "console": console}


def main(names: list[str]) -> None:
    """Run the named measures, or all, each on an installation of its own."""
    figures = [figure for name in names or MEASURES for figure in measured(name)]
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    RESULTS.write_text(json.dumps({"machine": machine, "figures": [figure.as_dict() for figure in figures]}, indent=1))
    show(figures)


def measured(name: str) -> list[Figure]:
    """The figures of one measure."""
    with (
        VendorStub() as vendor,
        tempfile.TemporaryDirectory(prefix="apm-", ignore_cleanup_errors=True) as folder,
    ):
        Path(folder).chmod(0o711)
        keys = {"OPENAI_API_KEY": "sk-stub", "OPENAI_BASE_URL": vendor.openai_url}
        # The leases of an installation, not the short ones of the tests; and data that is really on disk.
        usual = {"LEASE_SECONDS": "60", "HEARTBEAT_SECONDS": "10", "SWEEP_SECONDS": "5", "POLL_SECONDS": "1"}
        with Installation(Path(folder), environment=keys | usual, durable=True) as installation:
            return MEASURES[name](installation, vendor)


def show(figures: list[Figure]) -> None:
    """The table."""
    table = Table("measure", "figure", "unit", "floor", "ratio", "remarks")
    for figure in figures:
        ratio = f"{figure.value / figure.floor:.2f}" if figure.floor else ""
        table.add_row(
            figure.name,
            f"{figure.value:.1f}",
            figure.unit,
            f"{figure.floor:.1f}" if figure.floor else "",
            ratio,
            figure.remarks,
        )
    Console(width=150).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
