"""Fails on a known vulnerability in the pinned packages; says so where the index can't tell."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

REQUIREMENTS = "requirements-dev.txt"
OPTIONS = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json", "--timeout=15"]


def ask() -> list[dict[str, Any]] | str:
    """What pip-audit found for each package, or its last words where it got no answer."""
    command = [sys.executable, "-m", "pip_audit", f"--requirement={REQUIREMENTS}", *OPTIONS]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        packages: list[dict[str, Any]] = json.loads(result.stdout)["dependencies"]
    except ValueError:
        return (result.stderr.strip().splitlines() or ["no answer"])[-1]
    return packages


def describe(packages: list[dict[str, Any]]) -> list[str]:
    """One line for each known vulnerability."""
    return [
        f"{package['name']} {package['version']}: {problem['id']}, "
        f"fixed in {', '.join(problem['fix_versions']) or 'no version yet'}"
        for package in packages
        for problem in package.get("vulns", [])
    ]


def main() -> int:
    packages = ask()
    if isinstance(packages, str):
        sys.stdout.write(f"pip-audit: NOT CHECKED, no vulnerability service can be reached ({packages[:200]})\n")
        return 0
    found = describe(packages)
    # An index without vulnerability data makes pip-audit skip packages, which is no clean bill.
    skipped = sum("skip_reason" in package for package in packages)
    if skipped:
        sys.stdout.write(f"pip-audit: NOT CHECKED, this index has no data on {skipped} of {len(packages)} packages\n")
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"pip-audit: {len(packages) - skipped} packages checked, {len(found)} known vulnerabilities\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
