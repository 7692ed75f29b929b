"""Every rule of the house, asked of the database and held against what the clients were told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial

import psutil
import psycopg

from benchmarks.soak import roles, told
from benchmarks.soak.house import House
from benchmarks.soak.journal import Entry
from config.embedded.processes import wait_until
from config.tests.e2e.oracle import ALL_ANSWERED, RULES, tables_with
from providers.aiohttp_transport import KEEPALIVE

DRAIN_SECONDS = 300.0
SEAL_SECONDS = 240.0
#: aiohttp looks for connections that are too old only as often as they may become old, by whole seconds.
CLOSING_SECONDS = KEEPALIVE + 3
#: Proofs that are made, spread over all answers.
PROOFS = 200
UNFINISHED = """
    SELECT (SELECT count(*) FROM prompt_requests WHERE status IN ('pending', 'generating'))
    + (SELECT count(*) FROM document_files WHERE state IN ('pending', 'reading'))
    + (SELECT count(*) FROM document_batches WHERE state NOT IN ('finished', 'cancelled'))"""
UNSEALED = """
    SELECT count(*) FROM (
        SELECT prompt_id FROM prompt_responses EXCEPT SELECT unnest(request_ids) FROM prompt_seals) AS waiting"""
#: Seals that no signed checkpoint covers yet.
UNSIGNED = """
    SELECT count(*) FROM prompt_seals s LEFT JOIN audit_links l ON l.entry_id = s.entry_id
    WHERE l.seq IS NULL OR l.seq > (SELECT coalesce(max(size), 0) FROM audit_checkpoints)"""
SHARED_KEYS = """
    SELECT idempotency_key, count(*) FROM prompt_requests WHERE idempotency_key <> ''
    GROUP BY user_id, idempotency_key HAVING count(*) > 1"""
ENDED = ("completed", "failed", "cancelled")

Broken = dict[str, list[str]]


def drain(house: House) -> bool:
    """Whether everything that was accepted comes to its end, and every answer to its seal and a signature."""
    patience = {UNFINISHED: DRAIN_SECONDS, UNSEALED: SEAL_SECONDS, UNSIGNED: SEAL_SECONDS}
    return all(wait_until(partial(_none, house, query), seconds, 1) for query, seconds in patience.items())


def clinging(house: House) -> list[str]:
    """The workers that keep connections to vendors for longer than they may after their last call."""
    wait_until(lambda: not _connected(house), KEEPALIVE + CLOSING_SECONDS, 1)
    return _connected(house)


def _connected(house: House) -> list[str]:
    found: list[str] = []
    for worker in roles.of(house, roles.WORKER):
        with suppress(psutil.NoSuchProcess):
            number = roles.connections_to(house.vendor_port, worker)
            found += [f"process {worker.pid}: {number}"] if number else []
    return found


def _none(house: House, query: str) -> bool:
    with suppress(psycopg.Error):
        return bool(house.sql(query)[0][0] == 0)
    return False


def all_of(house: House, entries: Sequence[Entry], calls: Sequence[str]) -> Broken:
    """Each rule with the examples that break it."""
    return {
        **_of_database(house),
        **_of_journal(entries),
        **_of_both(house, entries),
        "no call of a vendor is unknown": _unknown_calls(house, calls),
        "the chain of the audit log is whole": _chain(house),
        "every answer is sealed": _first("{} are not", [row for row in house.sql(UNSEALED) if row[0]]),
        "proofs of answers hold": _proofs(house),
        "no secret is in a row": _secret_rows(house),
        "no secret is in a log": _secret_logs(house),
    }


def _first(form: str, rows: Iterable[Sequence[object]]) -> list[str]:
    return [form.format(*row) for row in rows]


def _of_database(house: House) -> Broken:
    return {
        rule: [", ".join(map(str, row)) for row in house.sql(query)]
        for rule, query in RULES.items()
        if rule != ALL_ANSWERED
    }


def _of_journal(entries: Sequence[Entry]) -> Broken:
    return {
        "no client got an answer that it may not get": told.surprises(entries),
        "a key is answered once": told.two_answers_to_a_key(entries),
        "a number of a version is given once": told.numbers_given_twice(entries),
        "what has ended stays as it is": told.changed_ends(entries),
        "no read of the active version is stale": told.stale_reads(entries),
    }


def _of_both(house: House, entries: Sequence[Entry]) -> Broken:
    states = {str(key): state for key, state in house.sql("SELECT id, status FROM prompt_requests")}
    documents = {str(key) for (key,) in house.sql("SELECT id FROM documents")}
    batches = {str(key) for (key,) in house.sql("SELECT id FROM document_batches")}
    cancelled = {e["of"] for e in entries if e["do"] == "cancel" and e["status"] == 200}
    return {
        "what was accepted is there, and has ended": [
            f"{one}: {states.get(one)}" for one in told.accepted(entries) if states.get(one) not in ENDED
        ],
        "what was seen as ended has ended so": [
            f"{one}: seen {seen}, is {states.get(one)}"
            for one, seen in told.ends_seen(entries).items()
            if states.get(one) != seen
        ],
        "what was cancelled is cancelled": [
            f"{one}: {states.get(one)}" for one in cancelled if states.get(one) != "cancelled"
        ],
        "a key makes one request": _first("{}: {}", house.sql(SHARED_KEYS)),
        "documents that were accepted are there": sorted(told.accepted(entries, ["upload"]) - documents),
        "batches that were accepted are there": sorted(told.accepted(entries, ["batch"]) - batches),
        "versions are as they were told": _other_versions(house, entries),
    }


def _other_versions(house: House, entries: Sequence[Entry]) -> list[str]:
    kept = dict(house.sql("SELECT version_number, template_sha256 FROM prompt_versions WHERE prompt_type = 'soak'"))
    given = {e["number"]: e["sha256"] for e in entries if e["do"] == "write version" and "number" in e}
    return [f"version {number}" for number, sha256 in given.items() if kept.get(number) != sha256]


def _unknown_calls(house: House, calls: Sequence[str]) -> list[str]:
    """Requests for which the vendor was called more often than there are attempts."""
    attempts = {str(key): count for key, count in house.sql("SELECT id, attempt_count FROM prompt_requests")}
    return [f"{one}: {number} calls" for one, number in Counter(calls).items() if number > attempts.get(one, 0)]


def _chain(house: House) -> list[str]:
    try:
        house.manage("verify_audit")
    except RuntimeError as error:
        return [str(error)]
    return []


def _proofs(house: House) -> list[str]:
    try:
        broken: list[str] = json.loads(house.python("-m", "benchmarks.soak.proofs", str(PROOFS)))
    except RuntimeError as error:
        return [str(error)]
    return broken


def _secret_rows(house: House) -> list[str]:
    return [f"{name} in {table}" for name, secret in house.secrets.items() for table in tables_with(house, secret)]


def _secret_logs(house: House) -> list[str]:
    logs = {file: file.read_text("utf-8", errors="replace") for file in house.log_files()}
    return [f"{name} in {file.name}" for name, secret in house.secrets.items() for file in logs if secret in logs[file]]
