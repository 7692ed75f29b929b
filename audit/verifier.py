"""Checks an export of the audit log with Python and `cryptography` alone; the project uses the same checks.

    python verifier.py EXPORT [--checkpoints FILE] [--public-key KEY]

Exit code: 0 whole; 1 broken at an entry; 2 against a checkpoint; 3 entries waited too long for their place.
What it says is worth as much as what it compares with: a public key and checkpoints that were kept elsewhere.
The format is described in docs/decisions/0009-audit-chain.md.
"""

from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import itertools
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LINK_TAG = b"ai-prompt-manager audit link 1\0"
CHECKPOINT_TAG = b"ai-prompt-manager audit checkpoint 1\0"
#: What the first link has as the hash before it.
GENESIS = bytes(32)
FORMAT = "ai-prompt-manager audit export 1"
WHOLE, BROKEN, CONTRADICTED, LATE = 0, 1, 2, 3
#: Nothing could be checked. (EX_USAGE of sysexits.h; argparse's own 2 is taken.)
UNUSABLE = 64
MAX_WAIT_SECONDS = 60
#: Transactions take seconds; an entry that tells an earlier time than this before a checkpoint was hardly open then.
BACKDATED = timedelta(minutes=5)
SHOWN = 100
#: Entries that are where none may be.
LOST = {
    "stray": "has no place in the chain and waits for none: its link was removed, or it was slipped in",
    "gone": "was waiting for its place in the chain, and is gone",
    "twice": "has a place in the chain and waits for another one",
}


def link_hash(seq: int, prev_hash: bytes, content_hash: bytes) -> bytes:
    """The hash of a place in the chain: it covers the number, the entry's content and every link before."""
    return hashlib.sha256(LINK_TAG + seq.to_bytes(8, "big") + prev_hash + content_hash).digest()


def key_id(public_key: bytes) -> str:
    """The name of a raw public key, 16 hexadecimal digits."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def keyring(texts: Iterable[str]) -> dict[str, Ed25519PublicKey]:
    """Public keys, 32 bytes in base64 each, by their names. Raises ValueError for what is none, and names it."""
    return {key_id(key.public_bytes_raw()): key for key in map(_public_key, texts)}


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise ValueError(f"{text[:SHOWN]!r} is no public key: that is 32 bytes in base64.") from error


@functools.lru_cache(maxsize=1)
def parsed(content: str) -> Any:
    """What an entry's content says. Whoever looks at an entry asks for it more than once. Raises as `json.loads`."""
    return json.loads(content)


def moment(text: str) -> datetime:
    """The moment that ISO 8601 tells with its offset. Raises TypeError or ValueError for anything else."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return parsed


class Checkpoint(NamedTuple):
    """The length and head of the chain at a moment (UTC, as ISO 8601 with microseconds), signed."""

    size: int
    head: bytes
    at: str
    key_id: str
    signature: bytes

    @property
    def statement(self) -> bytes:
        """What is signed: canonical JSON (RFC 8785), which for names and numbers like these is plain sorted JSON."""
        stated = {"at": self.at, "head": self.head.hex(), "key_id": self.key_id, "size": self.size}
        return CHECKPOINT_TAG + json.dumps(stated, sort_keys=True, separators=(",", ":")).encode()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return self._asdict() | {"head": self.head.hex(), "signature": base64.b64encode(self.signature).decode()}

    @classmethod
    def from_dict(cls, line: dict[str, Any]) -> Checkpoint:
        """The reverse. Raises KeyError, TypeError or ValueError."""
        signature = base64.b64decode(line["signature"], validate=True)
        return cls(int(line["size"]), bytes.fromhex(line["head"]), str(line["at"]), str(line["key_id"]), signature)

    def fault(self, keys: Mapping[str, Ed25519PublicKey]) -> str:
        """Why nobody has to believe it; empty where one of `keys` has signed it."""
        if self.key_id not in keys:
            return f"is signed with a key that is not trusted ({self.key_id})"
        try:
            keys[self.key_id].verify(self.signature, self.statement)
            moment(self.at)
        except (InvalidSignature, ValueError):
            return "has a wrong signature"
        return ""


class Record(NamedTuple):
    """An entry with its place; `content` is None where the entry is gone."""

    seq: int
    entry: str
    content: str | None
    content_hash: bytes
    prev_hash: bytes
    hash: bytes

    @classmethod
    def from_dict(cls, line: dict[str, Any]) -> Record:
        """From a line of an export. Raises KeyError, TypeError or ValueError."""
        hashes = (bytes.fromhex(line[name]) for name in ("content_hash", "prev_hash", "hash"))
        content = None if line["content"] is None else str(line["content"])
        return cls(int(line["seq"]), str(line["entry"]), content, *hashes)


class Waiting(NamedTuple):
    """An entry that has no place yet."""

    entry: str
    content: str
    content_hash: bytes

    @classmethod
    def from_dict(cls, line: dict[str, Any]) -> Waiting:
        """From a line of an export. Raises KeyError, TypeError or ValueError."""
        return cls(str(line["entry"]), str(line["content"]), bytes.fromhex(line["content_hash"]))


class Finding(NamedTuple):
    """What is wrong, and where."""

    code: int
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place} {self.text}"


class Report:
    """What a check has found so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.notices: list[str] = []
        self.counts: dict[int, int] = defaultdict(int)

    def add(self, code: int, place: str, text: str) -> None:
        """Take up a finding; beyond some of them they are only counted."""
        self.counts[code] += 1
        if self.counts[code] <= SHOWN:
            self.findings.append(Finding(code, place, text))

    def notice(self, text: str) -> None:
        """Take up something that is worth a look and proves nothing."""
        if len(self.notices) < SHOWN:
            self.notices.append(text)

    @property
    def exit_code(self) -> int:
        """The gravest of what was found."""
        return min(self.counts, default=WHOLE)

    def lines(self) -> Iterator[str]:
        """For people."""
        words = {BROKEN: "BROKEN", CONTRADICTED: "CONTRADICTED", LATE: "LATE"}
        yield from (f"{words[finding.code]}: {finding}" for finding in sorted(self.findings))
        yield from (
            f"{words[code]}: {count - SHOWN} more" for code, count in sorted(self.counts.items()) if count > SHOWN
        )
        yield from (f"Notice: {notice}" for notice in self.notices)


class Chain:
    """Follows a chain link by link, and compares it with checkpoints on the way.

    It begins after `size` links, the last of which has the hash `head`. `pinned` says that whoever checks has named
    the keys: then a chain that none of them vouches for contradicts what they expect.
    """

    def __init__(
        self,
        report: Report,
        keys: Mapping[str, Ed25519PublicKey],
        *,
        size: int = 0,
        head: bytes = GENESIS,
        pinned: bool = False,
    ):
        self.size, self.head = size, head
        self._pinned = pinned
        self.last: Checkpoint | None = None
        self._report = report
        self.keys = keys
        self._first = size
        self._before = 0
        self._kept: set[Checkpoint] = set()
        self._expected: dict[int, list[tuple[str, Checkpoint, bool]]] = defaultdict(list)
        self._covered_until: datetime | None = None

    def expect(self, place: str, checkpoint: Checkpoint, *, elsewhere: bool = False) -> None:
        """Take up a checkpoint of the log itself, or after all those one that was kept `elsewhere`."""
        if checkpoint in self._kept:
            return
        self._kept.add(checkpoint)
        if fault := checkpoint.fault(self.keys):
            self._report.add(CONTRADICTED, place, fault)
        elif checkpoint.size < self._first:
            self._before += 1
        else:
            self._expected[checkpoint.size].append((place, checkpoint, elsewhere))

    def follow(self, records: Iterable[Record]) -> None:
        """Check every link and its entry, in the order of the chain, against what is expected."""
        self._compare()
        for record in records:
            self._link(record)
            self._compare()
        self._end()

    def summary(self) -> str:
        """How far the chain goes, and how far it is vouched for."""
        vouched = f"{self.last.size} at {self.last.at}, key {self.last.key_id}" if self.last else "none"
        return f"{self.size} links, head {self.head.hex()}, last checkpoint {vouched}"

    def waiting(self, record: Waiting, now: datetime) -> None:
        """Check an entry that has no place yet."""
        place = f"entry {record.entry}"
        told = self._entry(place, record.entry, record.content, record.content_hash)
        if told and (now - told).total_seconds() > MAX_WAIT_SECONDS:
            self._report.add(LATE, place, f"has been waiting for its place in the chain since {told.isoformat()}")

    def _link(self, record: Record) -> None:
        place = f"seq {record.seq} (entry {record.entry})"
        if fault := self._fault(record):
            self._report.add(BROKEN, place, fault)
        self.size, self.head = record.seq, record.hash
        told = self._entry(place, record.entry, record.content, record.content_hash)
        if told and self._covered_until and told < self._covered_until - BACKDATED:
            late = f"but the checkpoint of {self._covered_until.isoformat()} doesn't cover it"
            self._report.notice(f"{place} tells that it is of {told.isoformat()}, {late}.")

    def _fault(self, record: Record) -> str:
        if record.seq != self.size + 1 or record.seq < 1:
            return f"follows seq {self.size}: links are missing, were added or stand in another order"
        if record.prev_hash != self.head:
            return "doesn't continue the link before"
        if record.hash != link_hash(record.seq, record.prev_hash, record.content_hash):
            return "is not what was sealed here: the hash of the link doesn't cover its entry"
        return ""

    def _entry(self, place: str, entry: str, content: str | None, content_hash: bytes) -> datetime | None:
        """The time that the entry tells, where it can be read."""
        if content is None:
            self._report.add(BROKEN, place, "is gone, only its link is left")
            return None
        if hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest() != content_hash:
            self._report.add(BROKEN, place, "has another content than its hash says")
        try:
            told = parsed(content)
            if told["id"] != entry:
                raise ValueError("another entry")
            return moment(told["at"])
        except (ValueError, KeyError, TypeError, RecursionError):
            self._report.add(BROKEN, place, "has a content that is not this entry's")
            return None

    def _compare(self) -> None:
        for place, checkpoint, elsewhere in self._expected.pop(self.size, ()):
            if checkpoint.head != self.head:
                text = f"tells another link at seq {self.size}: the chain was rewritten, or this is another copy"
                self._report.add(CONTRADICTED, place, text)
                continue
            if elsewhere:
                text = f"(of {self.size} links) is no longer among the checkpoints of the log"
                self._report.add(CONTRADICTED, place, text)
            self.last = checkpoint
            self._covered_until = max(self._covered_until or moment(checkpoint.at), moment(checkpoint.at))

    def _end(self) -> None:
        for place, checkpoint, _elsewhere in (expected for group in self._expected.values() for expected in group):
            text = f"tells {checkpoint.size} links, but the chain has no such link and ends at seq {self.size}: "
            self._report.add(CONTRADICTED, place, text + "entries were removed, or this is an older copy")
        if self.last is None and self.size > self._first:
            self._vouched_for_by_nobody()
        if self._before:
            self._report.notice(f"{self._before} checkpoints cover only what is before seq {self._first + 1}.")

    def _vouched_for_by_nobody(self) -> None:
        text = "is under no checkpoint of a trusted key: whoever could write it may have made all of it up"
        if self._pinned:
            self._report.add(CONTRADICTED, "the chain", text)
        else:
            self._report.notice(f"The chain {text}.")


def read_checkpoints(path: str, report: Report) -> Iterator[tuple[str, Checkpoint]]:
    """The checkpoints in a file of JSON lines, each with its place. Raises OSError.

    A line that is cut off, as a full disk leaves it, is noticed only: whoever may write to the file may also
    take whole lines out of it.
    """
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            # As where two files are joined, the first of which may have been cut off.
            if line.isspace():
                continue
            place = f"checkpoint in line {number} of the file"
            try:
                yield place, Checkpoint.from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError, RecursionError):
                report.notice(f"{place} can't be read.")


class Header(NamedTuple):
    """What an export begins with: the number before its first link, that link's hash, and when it was made."""

    before: int
    head: bytes
    at: datetime

    @classmethod
    def from_dict(cls, line: dict[str, Any]) -> Header:
        """Raises KeyError, TypeError or ValueError."""
        if line["format"] != FORMAT:
            raise ValueError(line["format"])
        return cls(int(line["since"]) - 1, bytes.fromhex(line["prev_hash"]), moment(line["exported_at"]))


#: What the lines of an export are, by their kinds.
READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "header": Header.from_dict,
    "key": lambda line: str(line["key"]),
    "checkpoint": Checkpoint.from_dict,
    "entry": Record.from_dict,
    "waiting": Waiting.from_dict,
    **dict.fromkeys(LOST, lambda line: str(line["entry"])),
    "end": lambda line: int(line["lines"]),
}


def read_export(file: Iterable[str], report: Report) -> Iterator[tuple[str, Any]]:
    """The lines of an export by kind; whether it is whole is checked at its end."""
    ends = False
    number = 0
    for number, line in enumerate(file, start=1):
        try:
            read = json.loads(line)
            kind = read["kind"]
            value = READERS[kind](read)
        except (ValueError, KeyError, TypeError, RecursionError):
            report.add(BROKEN, f"line {number}", "can't be read")
            continue
        ends = kind == "end" and value == number - 1
        yield kind, value
    if not ends:
        report.add(BROKEN, f"line {number}", "is not the end of what was exported: lines are missing or were added")


def verify_export(
    file: Iterable[str], report: Report, *, keys: Sequence[str] = (), checkpoints: Iterable[tuple[str, Checkpoint]] = ()
) -> tuple[Chain, Header]:
    """Check an export against its own checkpoints and those that were kept elsewhere.

    Without `keys` those that the export brings along are believed. Raises ValueError for what is no export.
    """
    lines = read_export(file, report)
    _, header = next(lines, ("", None))
    if not isinstance(header, Header):
        raise ValueError("this is no export of an audit log, or its first line is damaged")
    own, brought, lines = _preamble(lines)
    chain = Chain(report, keyring(keys or brought), size=header.before, head=header.head, pinned=bool(keys))
    for number, checkpoint in enumerate(own, start=1):
        chain.expect(f"checkpoint {number} of the export", checkpoint)
    for place, checkpoint in checkpoints:
        # Compared as text, since nobody has checked yet that a moment stands there.
        if checkpoint.at <= header.at.astimezone(UTC).isoformat(timespec="microseconds") or checkpoint in own:
            chain.expect(place, checkpoint, elsewhere=True)
        else:
            report.notice(f"{place} is younger than the export and says nothing of it.")
    chain.follow(_records(lines, chain, report, header.at))
    return chain, header


def _preamble(lines: Iterator[tuple[str, Any]]) -> tuple[dict[Checkpoint, None], list[str], Iterator[tuple[str, Any]]]:
    """Checkpoints and keys, which stand before everything else, and the rest."""
    own: dict[Checkpoint, None] = {}
    keys: list[str] = []
    for kind, value in lines:
        if kind == "checkpoint":
            own[value] = None
        elif kind == "key":
            keys.append(value)
        else:
            return own, keys, itertools.chain([(kind, value)], lines)
    return own, keys, lines


def _records(lines: Iterable[tuple[str, Any]], chain: Chain, report: Report, now: datetime) -> Iterator[Record]:
    """The links; what has no link is checked on the way."""
    for kind, value in lines:
        if kind == "entry":
            yield value
        elif kind == "waiting":
            chain.waiting(value, now)
        elif kind in LOST:
            report.add(BROKEN, f"entry {value}", LOST[kind])
        elif kind != "end":
            report.add(BROKEN, f"a line of kind {kind}", "stands in the wrong place")


def main(arguments: list[str] | None = None) -> int:
    """Check, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("export", help="what `manage.py export_audit` wrote")
    parser.add_argument("--checkpoints", metavar="FILE", help="checkpoints that were kept elsewhere")
    parser.add_argument("--public-key", metavar="KEY", action="append", default=[], help="believe only this key")
    given = parser.parse_args(arguments)
    report = Report()
    try:
        kept = list(read_checkpoints(given.checkpoints, report)) if given.checkpoints else []
        with open(given.export, encoding="utf-8", errors="surrogatepass") as file:
            chain, header = verify_export(file, report, keys=given.public_key, checkpoints=kept)
    # Moments and numbers beyond every calendar and chain.
    except (OSError, ValueError, OverflowError) as error:
        parser.exit(UNUSABLE, f"{given.export}: {error}\n")
    sys.stdout.writelines(f"{line}\n" for line in _lines(report, chain, header, pinned=bool(given.public_key)))
    return report.exit_code


def _lines(report: Report, chain: Chain, header: Header, *, pinned: bool) -> Iterator[str]:
    yield from report.lines()
    if header.before:
        yield f"Notice: the export begins at seq {header.before + 1}; it can't show what was before."
    if not pinned:
        yield "Notice: the key comes from the export itself. Name one that you trust with --public-key."
    yield f"Exported {header.at.isoformat()}: {chain.summary()}"


if __name__ == "__main__":
    sys.exit(main())
