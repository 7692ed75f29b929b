"""Runs a command with servers of its own in a throw-away folder: `python -m config.embedded COMMAND…`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded.paths import EmbeddedPaths
from config.embedded.postgres import EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey


def run_with_servers(command: list[str], folder: Path) -> int:
    """The exit code of `command`, which finds the servers through DATA_DIR."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"DATA_DIR": str(folder / ".data"), "ENV_FILE": os.devnull}
    paths = EmbeddedPaths(folder / ".data")
    with EmbeddedPostgres(paths, durable=False), EmbeddedValkey(paths):
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="aipm-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        return run_with_servers(sys.argv[1:], folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
