"""The audit log: writing entries, sealing them, verifying all of them.

As a script it writes entries into the database of its environment, and prints how long that took.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from benchmarks.site import Site

ENTRIES = 100_000
#: Committed one by one, as they are in use; the rest only fills the log.
SINGLE = 5_000
MAX_VERIFY_SECONDS = 5.0


def audit(site: Site) -> list[Figure]:
    """Append, seal and verify 100,000 entries; beside a bare INSERT and COMMIT from the same process."""
    took = json.loads(site.script("benchmarks.measures.audit"))
    started = time.monotonic()
    output = site.installation.manage("verify_audit")
    verify = time.monotonic() - started
    assert f"Whole: {ENTRIES} links" in output, output
    append, floor = SINGLE / took["append"], SINGLE / took["insert"]
    waiting = f"{ENTRIES} waiting, checkpoints included"
    return [
        Figure("audit append", append, "entries/s", floor, "bare INSERT", remarks="one process, each its own commit"),
        Figure("audit seal", ENTRIES / took["seal"], "entries/s", remarks=waiting),
        Figure("audit verify", verify, "s", aim=MAX_VERIFY_SECONDS, remarks=f"{ENTRIES} entries, the whole command"),
    ]


def write_and_seal() -> dict[str, float]:
    """Seconds for SINGLE entries, as many bare rows, and sealing ENTRIES."""
    from django.db import connection, transaction

    from audit import log
    from audit.models import AuditEntry
    from audit.services import sealing

    def append(number: int) -> None:
        with transaction.atomic():
            log.append("benchmark.done", actor=None, details={"number": number})

    def insert(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO audit_floor (number, content) VALUES (%s, repeat('x', 400))", [number])

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS audit_floor (number bigint PRIMARY KEY, content text)")
    took = {"insert": _seconds(insert), "append": _seconds(append)}
    fill(ENTRIES - AuditEntry.objects.count())
    started = time.monotonic()
    assert sealing.seal_and_checkpoint() == ENTRIES
    return took | {"seal": time.monotonic() - started}


def fill(number: int) -> None:
    """So many copies of the newest entry, each true of itself."""
    from uuid_utils.compat import uuid7

    from audit.models import AuditEntry, content_hash

    pattern = AuditEntry.objects.earliest("-at")
    values = {field.attname: getattr(pattern, field.attname) for field in AuditEntry._meta.concrete_fields}
    copies = []
    for _ in range(number):
        copy = AuditEntry(**values | {"id": uuid7()})
        copy.content = pattern.content.replace(str(pattern.pk), str(copy.pk))
        copy.content_hash = content_hash(copy.content)
        copies.append(copy)
    AuditEntry.objects.bulk_create(copies, batch_size=1_000)


def _seconds(step: Callable[[int], None]) -> float:
    started = time.monotonic()
    for number in range(SINGLE):
        step(number)
    return time.monotonic() - started


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(write_and_seal()))
