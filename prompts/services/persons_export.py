"""All that is held of a person, as one ZIP archive of JSON Lines and files."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import orjson
from django.db import transaction

from audit import log
from prompts.models import IdempotencyKey, PromptAttempt, PromptRequest, PromptVersion
from prompts.services import exporting_requests
from prompts.services.erasing_rooms import rooms

EXPORTED = "person.exported"
CHUNK_BYTES = 1 << 18
PAGE = 200
_VERSION = ("prompt_type", "version_number", "template", "model", "parameters", "manual_note", "created_at")
_ATTEMPT = ("request", "number", "started_at", "ended_at", "outcome", "error_class", "error_message", "http_status")
_KEY = ("route", "key", "answer", "created_at")


def export(user: Any, file: IO[bytes]) -> dict[str, int]:
    """Write the archive to `file`, one row and one chunk in memory at a time; how many rows and files, by name.

    One audit entry tells that it was made.
    """
    with transaction.atomic():
        log.append(EXPORTED, actor=None, target=user, details={"user_id": user.pk})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        counts = {name: _write_rows(archive, name, rows) for name, rows in _tables(user)}
        counts["files"] = sum(_write_file(archive, *named) for room in rooms() for named in room.files_of(user))
    return counts


def _tables(user: Any) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    requests = PromptRequest.objects.filter(user=user.pk)
    yield "prompt_requests", exporting_requests.rows_of(requests)
    attempts = PromptAttempt.objects.filter(request__user=user.pk).order_by("request", "number")
    yield "prompt_attempts", _rows(attempts, _ATTEMPT)
    versions = PromptVersion.objects.filter(created_by=user.pk).order_by("pk")
    yield "prompt_versions", _rows(versions, _VERSION)
    yield "idempotency_keys", _rows(IdempotencyKey.objects.filter(user=user.pk).order_by("pk"), _KEY)
    for room in rooms():
        yield from room.tables_of(user)


def _rows(rows: Any, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    found: Iterator[dict[str, Any]] = rows.values(*columns).iterator(chunk_size=PAGE)
    return found


def _write_rows(archive: zipfile.ZipFile, name: str, rows: Iterator[dict[str, Any]]) -> int:
    number = 0
    with archive.open(f"{name}.jsonl", "w", force_zip64=True) as member:
        for row in rows:
            member.write(orjson.dumps(row, default=str, option=orjson.OPT_APPEND_NEWLINE))
            number += 1
    return number


def _write_file(archive: zipfile.ZipFile, name: str, content: IO[bytes]) -> int:
    with archive.open(name, "w", force_zip64=True) as member:
        shutil.copyfileobj(content, member, CHUNK_BYTES)
    return 1
