"""What a backup says of itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from jsonschema.exceptions import ValidationError

from config.backups.archive import Sum
from config.backups.exceptions import Damaged
from config.backups.manifest_form import FORM, FORMAT

#: Far more than a manifest is long: nobody reads a mountain into memory.
MOST_BYTES = 1 << 24
#: So many files that are missing are named; all are counted.
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """The audit log at the moment of the backup: its links, what waited for a place, and the last checkpoint."""

    size: int
    head: str
    waiting: int
    checkpoint_size: int | None
    checkpoint_at: str | None
    key_id: str | None


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The files of documents: how many, their bytes, and SHA-256 over their names with a line break each.

    `absent` counts those that a row names and the folder of documents hadn't, or had damaged; `named` are the first
    of them. `erased` were erased between dump and copy.
    """

    files: int = 0
    bytes: int = 0
    sha256: str = ""
    absent: int = 0
    named: list[str] = field(default_factory=list)
    erased: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was backed up, when, from what and how much of it. Moments are ISO 8601 in UTC.

    `server` and `dump` are major versions of PostgreSQL and of pg_dump; `migrations` are those that were applied, by
    app; `members` are the sums of all members but documents and the manifest itself.
    """

    made_at: str
    release: str
    server: int
    dump: int
    tables: dict[str, int]
    migrations: dict[str, list[str]]
    chain: ChainFacts
    members: dict[str, Sum]
    documents: DocumentFacts

    def as_json(self) -> bytes:
        """For the archive."""
        told = {"format": FORMAT} | asdict(self)
        told["members"] = {name: member._asdict() for name, member in self.members.items()}
        return json.dumps(told, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """The reverse. Raises Damaged."""
        try:
            return _manifest(json.loads(text))
        except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
            raise Damaged("Its manifest can't be read; perhaps a later release has made it.") from error


def _manifest(told: dict[str, Any]) -> Manifest:
    FORM.validate(told)
    del told["format"]
    told["chain"] = ChainFacts(**told["chain"])
    told["documents"] = DocumentFacts(**told["documents"])
    told["members"] = {name: Sum(**member) for name, member in told["members"].items()}
    return Manifest(**told)
