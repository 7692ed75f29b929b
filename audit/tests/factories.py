"""Entries and chains for tests, and what the owner of a database can do to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import rfc8785
from django.core.management import call_command
from django.db import connection, transaction

from audit import log
from audit.checkpoints import stamp
from audit.models import AuditEntry, content_hash
from audit.services import sealing
from audit.verifier import link_hash


def append(action: str = "test.done", **details: Any) -> AuditEntry:
    """One committed entry."""
    with transaction.atomic():
        return log.append(action, actor=None, details=details)


def sealed(number: int) -> None:
    """So many more entries, each with its place, and a checkpoint of them in table and file."""
    for position in range(number):
        append(position=position)
    assert sealing.seal() == number
    assert sealing.checkpoint(at_once=True)


@contextmanager
def as_owner() -> Iterator[None]:
    """No trigger and no foreign key stops whoever owns the database."""
    sql("SET session_replication_role = replica")
    try:
        yield
    finally:
        sql("RESET session_replication_role")


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement; its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def entry_at(seq: int) -> str:
    """The id of the entry that has this place."""
    return str(sql("SELECT entry_id FROM audit_links WHERE seq = %s", seq)[0][0])


def relink(since: int) -> None:
    """Make the chain consistent again from a link on, as one who knows how it is made."""
    rows = sql(
        "SELECT seq, content_hash, prev_hash FROM audit_links JOIN audit_logs ON id = entry_id WHERE seq >= %s"
        " ORDER BY seq",
        since,
    )
    previous = bytes(rows[0][2])
    for seq, hashed, _ in rows:
        current = link_hash(seq, previous, bytes(hashed))
        sql("UPDATE audit_links SET prev_hash = %s, hash = %s WHERE seq = %s", previous, current, seq)
        previous = current


def backdated_entry(seconds: int) -> str:
    """An entry that tells an earlier time, consistent in itself."""
    entry = append()
    earlier = entry.at - timedelta(seconds=seconds)
    content = rfc8785.dumps(json.loads(entry.content) | {"at": stamp(earlier)}).decode()
    with as_owner():
        sql(
            "UPDATE audit_logs SET at = %s, content = %s, content_hash = %s WHERE id = %s",
            earlier,
            content,
            content_hash(content),
            entry.pk,
        )
    return str(entry.pk)


def run_verify_audit(*arguments: Any) -> tuple[int, str]:
    """Exit code and output of the command."""
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()
