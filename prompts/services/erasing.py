"""Erasing texts and deleting facts of requests that have ended (docs/decisions/0025-retention.md).

Each function belongs into a transaction of its caller, who has locked the requests and writes the audit entry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from prompts.models import PromptAttempt, PromptRequest, PromptResponse, PromptSeal
from prompts.sealed_facts import NO_SALT, OF_TEXTS, SALT_BYTES, facts_of
from prompts.services.erasing_rooms import rooms

# The planner is to find each seal by the time of its answer, not to read them all.
_PLACES = """
    SELECT request.id, response.id IS NOT NULL, seal.id, seal.place
    FROM prompt_requests AS request
    LEFT JOIN prompt_responses AS response ON response.prompt_id = request.id
    LEFT JOIN LATERAL (
        SELECT held.id, array_position(held.request_ids, request.id) - 1 AS place FROM prompt_seals AS held
        WHERE held.answered @> response.created_at AND request.id = ANY(held.request_ids) LIMIT 1
    ) AS seal ON true
    WHERE request.id = ANY(%s) AND request.texts_erased_at IS NULL
"""
_ERASE_REQUESTS = """
    UPDATE prompt_requests AS request SET
        prompt_text = '', metadata = '{}', error_message = '', idempotency_key = '', texts_erased_at = now(),
        variables = CASE WHEN request.variables IS NOT NULL THEN '{}'::jsonb END,
        erased_hashes = erased.hashes::jsonb
    FROM unnest(%s::uuid[], %s::text[]) AS erased(id, hashes) WHERE request.id = erased.id
"""
_WRITE_SALTS = """
    UPDATE prompt_seals AS seal SET salts = becomes.salts
    FROM unnest(%s::bigint[], %s::bytea[]) AS becomes(id, salts) WHERE seal.id = becomes.id
"""
# Types first, then versions, each in order: as all do that change versions, so that no two wait for each other.
_LOCK_TYPES = """
    SELECT 1 FROM prompt_types WHERE slug IN (
        SELECT prompt_type FROM prompt_requests WHERE id = ANY(%s) AND is_sandbox AND version_id IS NOT NULL
    ) ORDER BY slug FOR SHARE
"""
# A version shows the end of its last try-out, whose text this is then.
_ERASE_TEST_RESULTS = """
    UPDATE prompt_versions AS version SET test_result_json = NULL WHERE id IN (
        SELECT held.id FROM prompt_versions AS held
        WHERE held.test_result_json IS NOT NULL AND held.id IN (
            SELECT version_id FROM prompt_requests WHERE id = ANY(%s) AND is_sandbox
        ) AND (
            SELECT last.texts_erased_at FROM prompt_requests AS last
            WHERE last.prompt_type = held.prompt_type AND last.is_sandbox AND last.version_id = held.id
                AND last.status IN ('completed', 'failed')
            ORDER BY last.finished_at DESC LIMIT 1
        ) IS NOT NULL
        ORDER BY held.id FOR NO KEY UPDATE
    )
"""
_DELETE = (
    "DELETE FROM prompt_attempts WHERE request_id = ANY(%s)",
    "DELETE FROM prompt_responses WHERE prompt_id = ANY(%s)",
    "DELETE FROM prompt_requests WHERE id = ANY(%s)",
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request is sealed: in which seal, as which of its requests."""

    seal_id: int
    index: int


def erase_texts(request_ids: Sequence[UUID]) -> list[UUID]:
    """Erase prompts, variables, metadata, answers and messages of errors; the requests whose texts are gone now.

    Of answered ones the salted hashes stay and the salts go. Passed over are those that are erased already, and
    those whose answer is not sealed yet: nothing could prove them any more.
    """
    unanswered, sealed = _sorted_out(request_ids)
    hashes = _hashes(sealed)
    erased = [*unanswered, *hashes]
    if not erased:
        return []
    _run(_ERASE_REQUESTS, [erased, [*[None] * len(unanswered), *hashes.values()]])
    PromptResponse.objects.filter(prompt_id__in=hashes).update(response_text="")
    PromptAttempt.objects.filter(request_id__in=erased).exclude(error_message="").update(error_message="")
    _erase_salts([sealed[request_id] for request_id in hashes])
    _erase_copies(erased)
    return erased


def erase_purposes(request_ids: Sequence[UUID]) -> None:
    """Erase why these requests were made, of those whose texts are gone."""
    rows = PromptRequest.objects.filter(pk__in=request_ids, texts_erased_at__isnull=False)
    rows.exclude(purpose="").update(purpose="")


def delete_facts(request_ids: Sequence[UUID]) -> list[UUID]:
    """Delete the rows of requests whose texts are gone, with their answers and attempts; the requests that are gone.

    Their leaves stay in their seals, and their numbers in the statistics. Passed over are those that others replay,
    and those that other apps still need.
    """
    gone = PromptRequest.objects.filter(pk__in=request_ids, texts_erased_at__isnull=False)
    erased: list[UUID] = list(gone.values_list("pk", flat=True))
    kept = set[UUID]().union(*(room.still_needed(erased) for room in rooms()))
    deleted = list(_without_replayed(set(erased) - kept))
    for room in rooms():
        room.facts_deleted(deleted)
    for statement in _DELETE:
        _run(statement, [deleted])
    return deleted


def _without_replayed(request_ids: set[UUID]) -> set[UUID]:
    """Without those that one replays which stays: what is sealed of that names them."""
    replays = list(PromptRequest.objects.filter(replay_of__in=request_ids).values_list("pk", "replay_of"))
    while named := {of for replay, of in replays if of in request_ids and replay not in request_ids}:
        request_ids = request_ids - named
    return request_ids


def _sorted_out(request_ids: Sequence[UUID]) -> tuple[list[UUID], dict[UUID, _Place]]:
    """Those without an answer, and those whose answer is sealed, with their places."""
    unanswered: list[UUID] = []
    sealed: dict[UUID, _Place] = {}
    for request_id, is_answered, seal_id, index in _run(_PLACES, [list(request_ids)]):
        if not is_answered:
            unanswered.append(request_id)
        elif seal_id is not None:
            sealed[request_id] = _Place(seal_id, index)
    return unanswered, sealed


def _hashes(sealed: dict[UUID, _Place]) -> dict[UUID, str]:
    """What the leaves are made of where texts are, as JSON."""
    salts = _salts({place.seal_id for place in sealed.values()})
    ids = list(sealed)
    own = [bytes(salts[place.seal_id][_span(place)]) for place in sealed.values()]
    facts = facts_of(ids, own)
    return {UUID(one["request_id"]): orjson.dumps({name: one[name] for name in OF_TEXTS}).decode() for one in facts}


def _erase_salts(places: Sequence[_Place]) -> None:
    """For good: from now on no text can be tried against its hash."""
    by_seal: defaultdict[int, list[_Place]] = defaultdict(list)
    for place in places:
        by_seal[place.seal_id].append(place)
    salts = _salts(by_seal)
    for seal_id, inside in by_seal.items():
        for place in inside:
            salts[seal_id][_span(place)] = NO_SALT
    _run(_WRITE_SALTS, [list(salts), [bytes(value) for value in salts.values()]])


def _salts(seal_ids: Any) -> dict[int, bytearray]:
    """The salts of these seals, locked in their order, so that no two who erase wait for each other."""
    rows = PromptSeal.objects.select_for_update(no_key=True).filter(pk__in=list(seal_ids)).order_by("pk")
    return {seal_id: bytearray(salts) for seal_id, salts in rows.values_list("pk", "salts")}


def _span(place: _Place) -> slice:
    return slice(place.index * SALT_BYTES, (place.index + 1) * SALT_BYTES)


def _erase_copies(request_ids: list[UUID]) -> None:
    """Last test results of versions, and what other apps keep of the texts."""
    _run(_LOCK_TYPES, [request_ids])
    _run(_ERASE_TEST_RESULTS, [request_ids])
    for room in rooms():
        room.texts_erased(request_ids)


def _run(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall() if cursor.description else []
    return rows
