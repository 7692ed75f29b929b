"""Backups of the tests' own database, and an empty one beside it to bring them into."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from psycopg import sql

from config.backups.archive import Writer, opened, places


def run(name: str, *arguments: Any, **options: Any) -> tuple[int, str]:
    """Exit code and output of a command, both streams in one."""
    output = io.StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=output, stderr=output, **options)
    except CommandError as error:
        return error.returncode, f"{output.getvalue()}{error}"
    except SystemExit as error:
        return int(error.code or 0), output.getvalue()
    return 0, output.getvalue()


def move_to(settings: Any, folder: Path) -> None:
    """Another installation's folders, and none of the keys of this one."""
    settings.DATA_DIR = folder / "data"
    settings.MEDIA_ROOT = folder / "media"
    settings.AUDIT_CHECKPOINT_FILE = folder / "data" / "audit-checkpoints.jsonl"
    settings.DATA_DIR.mkdir(parents=True)


@contextmanager
def another_database() -> Iterator[str]:
    """Inside, Django's connection is one to an empty database. Gives its name."""
    name = connection.settings_dict["NAME"]
    other = f"{name}_restored"
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", other)
    _run("CREATE DATABASE {}", other)
    use(other)
    try:
        yield other
    finally:
        use(name)
        _run("DROP DATABASE {} WITH (FORCE)", other)


def use(name: str) -> None:
    """Have Django's connection be one to that database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def _run(statement: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))


def members(path: Path) -> dict[str, bytes]:
    """What an archive holds, by name."""
    with path.open("rb") as file:
        return {place.name: opened(file, place).read() for place in places(file)}


def rewrite(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Write an archive anew with other members, as one who knows how it is made."""
    held = members(path)
    change(held)
    with path.open("w+b") as file:
        writer = Writer(file)
        for name, content in held.items():
            writer.add(name, io.BytesIO(content))
        writer.finish()
