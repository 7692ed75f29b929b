"""`python -m config.tests.fuzz [MINUTES]`: round after round with random examples, until one fails or time is up.

What fails is shown with the seed that brings it back. Where Atheris is installed (`pip install atheris`), each pure
reader is then led by what it covers, too. Ends with 1 where something failed.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: The examples of a round, as a multiple of those of the suite.
FACTOR = "20"
#: Of the time, where Atheris is there.
GUIDED_SHARE = 0.5


def modules() -> list[str]:
    """The modules of property tests."""
    found = [path for path in ROOT.rglob("tests/**/test_*fuzz.py") if ".venv" not in path.parts]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def round_of_examples() -> bool:
    """Whether every property held for a seed."""
    seed = secrets.randbelow(2**32)
    command = [sys.executable, "-m", "pytest", "-q", "--timeout=0", f"--hypothesis-seed={seed}", *modules()]
    print(f"Seed {seed}", flush=True)
    return subprocess.run(command, cwd=ROOT, env=environment()).returncode == 0


def environment() -> dict[str, str]:
    """Of a round. Where pytest-django finds settings named, it reads them before conftest.py says which database."""
    values = os.environ | {"FUZZ_FACTOR": FACTOR}
    values.pop("DJANGO_SETTINGS_MODULE", None)
    return values


def guided(seconds: float) -> bool:
    """Whether every property that needs no database held while Atheris looked for new ways through the code."""
    command = [sys.executable, "-m", "config.embedded", sys.executable, "-m", "config.tests.fuzz.guided"]
    names = subprocess.run([*command, "--list"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    limit = f"-max_total_time={max(1, int(seconds / len(names)))}"
    return all(subprocess.run([*command, name, limit], cwd=ROOT).returncode == 0 for name in names)


def main(minutes: float) -> int:
    has_atheris = importlib.util.find_spec("atheris") is not None
    seconds = minutes * 60
    until = time.monotonic() + seconds * (1 - GUIDED_SHARE if has_atheris else 1)
    while round_of_examples():
        if time.monotonic() > until:
            return 0 if not has_atheris or guided(seconds * GUIDED_SHARE) else 1
    return 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10))
