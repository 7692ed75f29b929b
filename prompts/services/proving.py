"""Proofs that a request, its version and its answer are as they were sealed (docs/decisions/0012)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit import checkpoints, merkle
from audit.models import AuditCheckpoint, AuditEntry, AuditLink
from prompts.exceptions import Conflict, NotFound
from prompts.models import PromptRequest, PromptResponse, PromptSeal, PromptVersion
from prompts.proofs import FORMAT
from prompts.sealed_facts import NO_SALT, SALT_BYTES, facts_of, leaf_of
from prompts.services.sealing import SEALED

HASH_BYTES = 32
#: Entries after an answer among which the one of its seal is looked for, when the seal is gone.
ENTRIES_LOOKED_AT = 100


class NotSealed(Conflict):
    """The answer is in no seal yet, or there is no answer."""


class SealBroken(Conflict):
    """The audit log tells of a seal for this answer, and there is none, or only a part of it."""


def prove(request_id: UUID) -> dict[str, Any]:
    """All that shows the request to be as it was sealed, from the rows as they are now, as plain JSON.

    Whether it does show it, `prompts.proofs.faults` says.
    `salt` is null once it was erased with the texts. Raises NotFound, NotSealed and SealBroken.
    """
    answer = PromptResponse.objects.filter(prompt_id=request_id).first()
    seal = _seal_of(request_id, answer)
    if answer is not None and (entry := _entry_without_seal(answer.created_at)):
        raise SealBroken(f"The seal of audit entry {entry.pk}, which covers the time of this answer, is gone.")
    if seal is None:
        raise _why_unsealed(request_id, answer)
    index = seal.request_ids.index(request_id)
    leaves, salts = _split(seal.leaves, HASH_BYTES), _split(seal.salts, SALT_BYTES)
    if not index < len(leaves) == len(salts):
        raise SealBroken(f"The seal of audit entry {seal.entry_id}, which holds this answer, was cut.")
    facts = facts_of([request_id], [salts[index]])
    return {
        "format": FORMAT,
        "request_id": str(request_id),
        "facts": facts[0] if facts else None,
        "salt": None if salts[index] == NO_SALT else salts[index].hex(),
        "leaf": leaves[index].hex(),
        "index": index,
        "size": len(leaves),
        "path": [node.hex() for node in merkle.inclusion_path(leaves, index)],
        "root": bytes(seal.root).hex(),
        **_place_in_log(seal.entry_id),
    }


def changed_template(proof: dict[str, Any]) -> bool:
    """Whether the facts would be as they were sealed, had the version's template still the hash it was stored with."""
    facts = proof["facts"]
    if not facts or facts["version_number"] is None:
        return False
    versions = PromptVersion.objects.filter(
        prompt_type=facts["prompt_type"], version_number=facts["version_number"]
    ).exclude(template_sha256=facts["template_sha256"])
    stored = versions.values_list("template_sha256", flat=True)
    return any(leaf_of(facts | {"template_sha256": value}).hex() == proof["leaf"] for value in stored)


def _seal_of(request_id: UUID, answer: PromptResponse | None) -> PromptSeal | None:
    """The seal that holds the request; by time, or among all where its time was tampered with."""
    holding = PromptSeal.objects.filter(request_ids__contains=[request_id])
    by_time = holding.filter(answered__contains=answer.created_at).first() if answer else None
    return by_time or holding.first()


def _why_unsealed(request_id: UUID, answer: PromptResponse | None) -> Conflict | NotFound:
    if not PromptRequest.objects.filter(pk=request_id).exists():
        return NotFound(f"There is no request {request_id}.")
    if answer is None:
        return NotSealed(f"Request {request_id} has no answer, so nothing of it is sealed.")
    return NotSealed(f"The answer to request {request_id} is not sealed yet. That is done every minute.")


def _entry_without_seal(answered: datetime) -> AuditEntry | None:
    sealed = AuditEntry.objects.filter(action=SEALED, at__gte=answered).order_by("at")[:ENTRIES_LOOKED_AT]
    kept = set(PromptSeal.objects.filter(entry__in=[entry.pk for entry in sealed]).values_list("entry", flat=True))
    return next((entry for entry in sealed if entry.pk not in kept and _covers(entry, answered)), None)


def _covers(entry: AuditEntry, answered: datetime) -> bool:
    details = json.loads(entry.content)["details"]
    moment = answered.astimezone(UTC).isoformat(timespec="microseconds")
    return bool(details["first"] <= moment <= details["last"])


def _place_in_log(entry_id: UUID) -> dict[str, Any]:
    """The entry, its link, and the way from there to the next checkpoint: each null where there is none yet."""
    entry = AuditEntry.objects.filter(pk=entry_id).first()
    link = AuditLink.objects.filter(entry_id=entry_id).first()
    checkpoint = AuditCheckpoint.objects.filter(size__gte=link.seq).order_by("size", "id").first() if link else None
    return {
        "entry": {"id": str(entry.pk), "content": entry.content} if entry else None,
        "link": _link(link) if link else None,
        "checkpoint": _checkpoint(link, checkpoint) if link and checkpoint else None,
    }


def _link(link: AuditLink) -> dict[str, Any]:
    return {"seq": link.seq, "prev_hash": bytes(link.prev_hash).hex(), "hash": bytes(link.hash).hex()}


def _checkpoint(link: AuditLink, row: AuditCheckpoint) -> dict[str, Any]:
    between = AuditLink.objects.filter(seq__gt=link.seq, seq__lte=row.size).order_by("seq")
    hashes = between.values_list("entry__content_hash", flat=True)
    return checkpoints.of_row(row).as_dict() | {"content_hashes_between": [bytes(item).hex() for item in hashes]}


def _split(data: bytes | memoryview[int], length: int) -> list[bytes]:
    data = bytes(data)
    return [data[start : start + length] for start in range(0, len(data), length)]
