"""Where and when something was measured, and of what."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path

import psutil

from config.embedded.binaries import postgres_programs
from config.embedded.paths import EmbeddedPaths
from config.tests.running import PROJECT

Machine = dict[str, str | int | float]


def describe() -> Machine:
    """Names and values, as they go into the JSON of a run."""
    return {
        "cpu": _processor(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": _postgresql(),
        "commit": _commit(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        # What else ran: more than the number of cores, and rates say little.
        "load": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _postgresql() -> str:
    program = postgres_programs(EmbeddedPaths(Path(".data").resolve()), None) / "postgres"
    return subprocess.check_output([program, "--version"], text=True).split()[-1]


def _commit() -> str:
    """With a plus sign where files differ from it."""
    try:
        name = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, text=True).strip()
        changed = subprocess.check_output(["git", "status", "--porcelain"], cwd=PROJECT, text=True).strip()
    except (subprocess.CalledProcessError, FileNotFoundError):
        return "unknown"
    return f"{name}+" if changed else name
