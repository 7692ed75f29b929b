"""pg_dump and pg_restore: which ones, how they get to the database, and what they say when they fail.

A password goes through the environment, never through the arguments, which every account of the machine may read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO, cast

from django.conf import settings
from django.db import connection
from psycopg import pq
from psycopg.conninfo import make_conninfo

from config.backups.archive import CHUNK_BYTES
from config.backups.exceptions import BackupError, Unusable
from config.embedded.binaries import postgres_programs
from config.embedded.exceptions import EmbeddedServerError
from config.embedded.paths import EmbeddedPaths
from config.embedded.processes import plain_environment

#: Where Debian and Ubuntu put the programs of each version.
DEBIAN = Path("/usr/lib/postgresql")
SCHEMA = "public"
#: What libpq finds by itself: certificates and passwords of the account, and what the operator has set.
KEPT = ("HOME", "SSL_CERT_FILE", "SSL_CERT_DIR")
STDERR_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Program:
    """A program of PostgreSQL's and its major version."""

    path: str
    major: int


@dataclass(frozen=True, slots=True)
class Address:
    """How a program gets to a database: what may be seen by all, and variables for the rest."""

    conninfo: str
    variables: dict[str, str]


def find(name: str, *, at_least: int) -> Program:
    """A program of that name which is no older than major version `at_least`. Raises Unusable."""
    found = [program for path in _candidates(name) if (program := _program(path))]
    for program in found:
        if program.major >= at_least:
            return program
    there = ", ".join(f"{program.path} of version {program.major}" for program in found) or "none was found"
    raise Unusable(
        f"{name} of PostgreSQL {at_least} or newer is needed; {there}. Install it where PATH finds it (Debian and "
        f"Ubuntu: apt-get install postgresql-client-{at_least})."
    )


def _candidates(name: str) -> Iterator[str]:
    """The embedded server's own first, where that is used; elsewhere last, as it speaks no TLS."""
    wheel = _of_wheel(name)
    if not settings.DATABASE_URL:
        yield from wheel
    if path := shutil.which(name):
        yield path
    versions = [folder for folder in DEBIAN.glob("*") if folder.name.isdigit()]
    yield from (str(folder / "bin" / name) for folder in sorted(versions, key=lambda folder: -int(folder.name)))
    yield from wheel


def _of_wheel(name: str) -> list[str]:
    try:
        return [str(postgres_programs(settings.EMBEDDED, None) / name)]
    except EmbeddedServerError:
        return []


@cache
def _program(path: str) -> Program | None:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, env=plain_environment())  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\b(\d+)\b", told.stdout)
    return Program(path, int(version[1])) if version else None


def here() -> Address:
    """This installation's database, with all that DATABASE_URL says of it."""
    return _address({name: str(value) for name, value in connection.get_connection_params().items() if value})


def of_embedded(paths: EmbeddedPaths, user: str, database: str) -> Address:
    """The database of an embedded server."""
    return _address({"host": str(paths.postgres_socket_dir), "port": "5432", "user": user, "dbname": database})


def _address(values: dict[str, str]) -> Address:
    """libpq itself says which of its options have a variable, and which are secret."""
    variables, seen = {}, {}
    for option in pq.Conninfo.get_defaults():
        name = option.keyword.decode()
        if name not in values:
            continue
        if option.envvar:
            variables[option.envvar.decode()] = values[name]
        elif option.dispchar != b"*":
            seen[name] = values[name]
    return Address(make_conninfo("", dbname=values.get("dbname"), **seen), variables)


@contextmanager
def dump(program: Program, address: Address, snapshot: str) -> Iterator[BinaryIO]:
    """What the database holds at that snapshot, to be read inside to its end. Raises BackupError."""
    # Light compression: the writers of the installation need the processor more than the file the last tenth.
    options = ["--format=custom", "--compress=1", "--no-password", f"--schema={SCHEMA}", f"--snapshot={snapshot}"]
    with _running(program, address, options, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield cast(BinaryIO, process.stdout)


def restore(program: Program, address: Address, content: BinaryIO) -> None:
    """Bring all of a dump into a database, or nothing. Raises BackupError."""
    options = ["--no-password", f"--schema={SCHEMA}", "--no-owner", "--no-privileges"]
    options += ["--exit-on-error", "--single-transaction"]
    with _running(program, address, options, stdin=subprocess.PIPE) as process:
        _feed(process, content)


def list_contents(program: Program, content: BinaryIO) -> int:
    """How many things a dump holds, as its own table of contents tells. Raises BackupError."""
    with (
        tempfile.TemporaryFile("w+") as listed,
        _running(program, None, ["--list"], stdin=subprocess.PIPE, stdout=listed) as process,
    ):
        _feed(process, content)
        process.wait()
        listed.seek(0)
        return sum(not line.startswith(";") for line in listed)


def _feed(process: subprocess.Popen[bytes], content: BinaryIO) -> None:
    """Give it as much as it wants; when it has ended early, its exit code says whether that was an error."""
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as inlet:
        shutil.copyfileobj(content, inlet, CHUNK_BYTES)


@contextmanager
def _running(
    program: Program, address: Address | None, options: Sequence[str], **streams: int | IO[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that has ended well when the context ends, or is ended with it."""
    arguments = [program.path, *options, *([f"--dbname={address.conninfo}"] if address else [])]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
            arguments, env=_environment(address), stderr=errors, cwd="/", **({"stdin": subprocess.DEVNULL} | streams)
        )
        try:
            yield process
            process.wait()
        finally:
            _end(process)
        if process.returncode:
            errors.seek(0)
            raise BackupError(_complaint(program, errors.read().decode(errors="replace")))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Also where what it was to do has failed meanwhile."""
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _complaint(program: Program, text: str) -> str:
    return f"{Path(program.path).name} has failed: {text.strip()[-STDERR_CHARACTERS:] or 'it did not say why'}"


def _environment(address: Address | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("PG")}
    return plain_environment() | kept | (address.variables if address else {})
