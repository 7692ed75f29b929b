"""What is sealed of an answered request, read from the rows as they are (docs/decisions/0012-sealed-requests.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from audit.merkle import leaf_hash

SALT_BYTES = 16
#: In the place of a salt that was erased.
NO_SALT = bytes(SALT_BYTES)
#: The facts that stand for texts.
OF_TEXTS = ("prompt_sha256", "variables_sha256", "purpose_sha256", "metadata_sha256", "response_sha256")

# The texts stand in the facts as SHA-256 of salt and text: whoever has the facts of an erased text can't guess it.
# Of an erased one the hashes are those that were kept when it was erased; where a text stands again, it counts.
_FACTS = """
    SELECT (jsonb_build_object(
        'request_id', request.id,
        'response_id', response.id,
        'user_id', request.user_id,
        'prompt_type', request.prompt_type,
        'version_number', version.version_number,
        'template_sha256', encode(sha256(convert_to(version.template, 'UTF8')), 'hex'),
        'prompt_sha256', encode(sha256(wanted.salt || convert_to(request.prompt_text, 'UTF8')), 'hex'),
        'variables_sha256', encode(sha256(wanted.salt || convert_to(request.variables::text, 'UTF8')), 'hex'),
        'purpose_sha256', encode(sha256(wanted.salt || convert_to(request.purpose, 'UTF8')), 'hex'),
        'metadata_sha256', encode(sha256(wanted.salt || convert_to(request.metadata::text, 'UTF8')), 'hex'),
        'response_sha256', encode(sha256(wanted.salt || convert_to(response.response_text, 'UTF8')), 'hex'),
        'model', request.model,
        'reported_model', response.model,
        'provider', response.provider,
        'replay_of', request.replay_of_id,
        'status', request.status,
        'error_class', request.error_class,
        'attempt', request.attempt_count,
        'provider_request_id', response.provider_request_id,
        'input_tokens', response.input_tokens,
        'cached_tokens', response.cached_tokens,
        'output_tokens', response.output_tokens,
        'reasoning_tokens', response.reasoning_tokens,
        'cost', response.cost::text,
        'duration_ms', response.duration_ms,
        'finish_reason', response.finish_reason,
        'created_at', to_char(request.created_at AT TIME ZONE 'UTC', %(time)s),
        'finished_at', to_char(request.finished_at AT TIME ZONE 'UTC', %(time)s),
        'answered_at', to_char(response.created_at AT TIME ZONE 'UTC', %(time)s)
    ) || CASE WHEN request.texts_erased_at IS NOT NULL AND request.prompt_text = '' AND response.response_text = ''
        AND request.metadata = '{}' AND coalesce(request.variables, '{}') = '{}'
        THEN coalesce(request.erased_hashes, '{}')
    ELSE '{}' END)::text, request.parameters::text
    FROM unnest(%(ids)s::uuid[], %(salts)s::bytea[]) WITH ORDINALITY AS wanted(id, salt, place)
    JOIN prompt_requests AS request ON request.id = wanted.id
    JOIN prompt_responses AS response ON response.prompt_id = request.id
    LEFT JOIN prompt_versions AS version ON version.id = request.version_id
    ORDER BY wanted.place
"""
_TIME = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


def facts_of(request_ids: Sequence[UUID], salts: Sequence[bytes]) -> list[dict[str, Any]]:
    """The facts of these requests in their order, as texts, whole numbers and nulls; of those only that have an answer.

    `parameters` is one text: JSON with sorted names and without spaces.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"ids": list(request_ids), "salts": list(salts), "time": _TIME})
        return [orjson.loads(facts) | {"parameters": _sorted(parameters)} for facts, parameters in cursor.fetchall()]


def leaf_of(facts: dict[str, Any]) -> bytes:
    """The leaf of a request in its batch's tree: the leaf hash of its facts as canonical JSON (RFC 8785).

    Of texts, whole numbers and nulls under ASCII names orjson makes exactly that, and many times faster.
    """
    return leaf_hash(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))


def _sorted(parameters: str) -> str:
    return json.dumps(json.loads(parameters), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
