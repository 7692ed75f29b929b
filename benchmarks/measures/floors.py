"""What the machine and the frame can do: the floors of everything else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from benchmarks.bare.urls import INSERT, SELECT
from benchmarks.figures import Figure
from benchmarks.site import Site
from config.embedded.binaries import postgres_programs
from config.embedded.postgres import DATABASE, USER

CONNECTIONS = 64
CLIENTS = 16
SECONDS = 3
VIEWS = {"json": "no database", "select": "one SELECT by primary key", "insert": "one INSERT and COMMIT"}


def floors(site: Site) -> list[Figure]:
    """Views of a bare Django project on the same server, and PostgreSQL by itself."""
    views = [_view(site, name, what) for name, what in VIEWS.items()]
    return [
        *views,
        Figure("PostgreSQL reads", _pgbench(site, SELECT), "reads/s", remarks=_remarks("SELECT by primary key")),
        Figure("PostgreSQL commits", _pgbench(site, INSERT), "commits/s", remarks=_remarks("INSERT of 400 bytes")),
    ]


def _view(site: Site, name: str, what: str) -> Figure:
    got = site.floor(name, connections=CONNECTIONS)
    remarks = f"{CONNECTIONS} connections; {what}; p50 {got.p50:.1f} ms, p99 {got.p99:.1f} ms"
    return Figure(
        f"bare view, {name}", got.per_second, "requests/s", remarks=f"{remarks}; generator {got.own_share:.0%}"
    )


def _remarks(what: str) -> str:
    return f"pgbench, {CLIENTS} clients; {what}"


def _pgbench(site: Site, statement: str) -> float:
    """Transactions a second of the statement alone."""
    postgres = site.installation.postgres
    script = Path(site.installation.folder) / "pgbench.sql"
    script.write_text(f"{statement};\n")
    options = ["--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2", f"--time={SECONDS}"]
    command = [
        str(postgres_programs(postgres.paths, None) / "pgbench"),
        *options,
        f"--file={script}",
        f"--host={postgres.paths.postgres_socket_dir}",
        f"--username={USER}",
        DATABASE,
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"tps = ([\d.]+)", output)
    assert found, output
    return float(found[1])
