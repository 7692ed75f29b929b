"""Writing the log to a file that can be checked without the project (`audit/verifier.py`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Min

from audit import chain, keys, log
from audit.checkpoints import stamp
from audit.log import Actor
from audit.models import AuditEntry, AuditLink
from audit.services import reading, sealing
from audit.verifier import FORMAT, GENESIS
from audit.whole_files import whole_file

#: So many entries at most are committed later than others that tell a later time.
LATE_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class Exported:
    """How many lines of each kind an export has, and the public keys that it brings along."""

    counts: Counter[str]
    public_keys: tuple[str, ...]


class Export:
    """An export that was announced, and can be read once: `lines` of text, and then what `counts` they were."""

    def __init__(self, since: int, moment: datetime) -> None:
        self._since, self._moment = since, moment
        self.counts: Counter[str] = Counter()
        self.public_keys = tuple(keys.encoded(key) for key in keys.trusted_keys().values())

    def lines(self) -> Generator[str, None, None]:
        """JSON lines, all of one moment. Holds a transaction open until it has ended or was closed."""
        with reading.snapshot():
            for line in _lines(self._since, self._moment, self.public_keys):
                self.counts[line["kind"]] += 1
                yield _text(line)
        yield _text({"kind": "end", "lines": self.counts.total()})


def begin(*, since: int = 1, actor: Actor | None = None) -> Export:
    """Announce an export from link number `since` on; all before it is sealed and signed for.

    Raises ValueError for a number that the chain doesn't reach, and ImproperlyConfigured for keys that are none. Not
    inside a transaction.
    """
    moment = _announce(since, actor)
    sealing.seal()
    sealing.checkpoint(at_once=True)
    return Export(since, moment)


def first_link_since(moment: datetime) -> int:
    """The number of the first link that tells of something since `moment`; 1 past the end where there is none."""
    # What was committed late has a later place, so the first entry by its time may not have the first place.
    entries = AuditEntry.objects.filter(at__gte=moment).order_by("at", "id").values("pk")[:LATE_ENTRIES]
    first = AuditLink.objects.filter(entry__in=entries).aggregate(Min("seq"))["seq__min"]
    return int(first or chain.head().size + 1)


def export(path: Path, *, since: int = 1) -> Exported:
    """Write every link from number `since` on, what waits, checkpoints and public keys to `path` as JSON lines.

    The export itself is audited, and signed for before it begins. The file appears whole or not at all, with mode
    0600. Raises ValueError for a number that the chain doesn't reach, OSError where the file can't be written,
    and ImproperlyConfigured for keys that are none. Not inside a transaction.
    """
    with whole_file(path, "w", encoding="utf-8") as file:
        exported = begin(since=since)
        file.writelines(exported.lines())
    return Exported(exported.counts, exported.public_keys)


@transaction.atomic(durable=True)
def _announce(since: int, actor: Actor | None) -> datetime:
    """Write down that the log leaves the house; the moment that the export is of.

    Under the sealer's lock: each checkpoint of an earlier moment is committed, and so will be in the export.
    """
    chain.lock(wait=True)
    size = chain.head().size
    if not 1 <= since <= size + 1:
        raise ValueError(f"The chain has {size} links; an export can't begin at {since}.")
    log.append("audit.exported", actor=actor, details={"since": since, "size": size})
    return chain.now()


def _lines(since: int, moment: datetime, public_keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """All but the end, in the order in which the verifier reads them."""
    yield _header(since, moment)
    yield from ({"kind": "key", "key": key} for key in public_keys)
    yield from ({"kind": "checkpoint"} | checkpoint.as_dict() for _, checkpoint in reading.checkpoints(since))
    yield from map(_entry, reading.links(since))
    for waiting, _ in reading.waiting():
        yield {"kind": "waiting"} | waiting._asdict() | {"content_hash": waiting.content_hash.hex()}
    yield from ({"kind": what, "entry": entry} for what, entry in reading.lost())


def _header(since: int, moment: datetime) -> dict[str, Any]:
    before = AuditLink.objects.filter(seq=since - 1).first()
    prev_hash = bytes(before.hash) if before else GENESIS
    return {
        "kind": "header",
        "format": FORMAT,
        "exported_at": stamp(moment),
        "since": since,
        "prev_hash": prev_hash.hex(),
    }


def _entry(link: reading.Link) -> dict[str, Any]:
    record = link.record
    hashes = {name: getattr(record, name).hex() for name in ("content_hash", "prev_hash", "hash")}
    return {"kind": "entry"} | record._asdict() | hashes | {"sealed_at": link.sealed_at}


def _text(line: dict[str, Any]) -> str:
    return f"{json.dumps(line, ensure_ascii=False)}\n"
