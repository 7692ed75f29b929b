"""The receipt of a request: what was asked of which model, by whom, with which version, and the hash of the answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.utils.translation import gettext as _

from prompts.exceptions import NotFound

# PostgreSQL hashes the texts where they lie; they are not fetched.
_RECEIPT = """
    SELECT
        request.id AS request_id,
        jsonb_build_object('id', account.id, 'username', account.username) AS user,
        request.prompt_type,
        version.version_number,
        version.template_sha256,
        CASE WHEN request.texts_erased_at IS NULL THEN
            encode(sha256(convert_to(request.prompt_text, 'UTF8')), 'hex')
        END AS rendered_sha256,
        request.parameters,
        request.model,
        response.model AS reported_model,
        split_part(request.model, '/', 1) AS provider,
        attempt.number AS attempt,
        coalesce(nullif(response.provider_request_id, ''), attempt.provider_request_id, '') AS provider_request_id,
        CASE WHEN request.texts_erased_at IS NULL THEN
            encode(sha256(convert_to(response.response_text, 'UTF8')), 'hex')
        END AS response_sha256,
        response.finish_reason,
        request.status,
        request.created_at,
        request.finished_at,
        request.texts_erased_at,
        CASE WHEN seal.id IS NOT NULL THEN jsonb_build_object(
            'entry', seal.entry_id,
            'root', encode(seal.root, 'hex'),
            'index', array_position(seal.request_ids, request.id) - 1,
            'size', seal.size,
            'seq', link.seq
        ) END AS sealed
    FROM prompt_requests AS request
    JOIN users AS account ON account.id = request.user_id
    LEFT JOIN prompt_versions AS version ON version.id = request.version_id
    LEFT JOIN prompt_responses AS response ON response.prompt_id = request.id
    LEFT JOIN prompt_attempts AS attempt
        ON attempt.request_id = request.id AND attempt.number = request.attempt_count
    LEFT JOIN prompt_seals AS seal
        ON seal.answered @> response.created_at AND request.id = ANY(seal.request_ids)
    LEFT JOIN audit_links AS link ON link.entry_id = seal.entry_id
    WHERE request.id = %s
"""
_JSON = ("user", "parameters", "sealed")


def receipt_of(request_id: UUID) -> dict[str, Any]:
    """The receipt as plain values: hashes are hexadecimal SHA-256 of the UTF-8 texts, null where there is no text.

    `attempt` is the last one, which gave the answer if there is one. `sealed` names the audit entry that has the
    request's batch: the batch's root, the request's index in it and the entry's number in the chain, null until
    that is linked. Raises NotFound.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPT, [request_id])
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    if row is None:
        raise NotFound(_("There is no request %(id)s.") % {"id": request_id})
    receipt = dict(zip(names, row, strict=True))
    return receipt | {name: _parsed(receipt[name]) for name in _JSON}


def _parsed(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)
