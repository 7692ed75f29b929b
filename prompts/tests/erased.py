"""Erased requests for tests of what is shown of them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from audit import log, merkle
from prompts.models import PromptRequest, PromptSeal
from prompts.sealed_facts import facts_of, leaf_of
from prompts.services.erasing import erase_texts
from prompts.services.sealing import SEALED


def erase(*requests: PromptRequest) -> None:
    """Seal each answer by itself, as the sealer would in a minute, and erase the texts."""
    with transaction.atomic():
        for request in requests:
            if response := PromptRequest.objects.select_related("response").filter(response__prompt=request).first():
                _seal(request, response.response)
        erased = erase_texts([request.pk for request in requests])
    assert len(erased) == len(requests)


def _seal(request: PromptRequest, response: Any) -> None:
    salt = b"s" * 16
    leaf = leaf_of(facts_of([request.pk], [salt])[0])
    root, moment = merkle.root([leaf]), response.created_at
    details = {"root": root.hex(), "size": 1, "first": moment.isoformat(), "last": moment.isoformat()}
    PromptSeal.objects.create(
        entry=log.append(SEALED, actor=None, details=details),
        root=root,
        size=1,
        answered=DateTimeTZRange(moment, moment, "[]"),
        last_response_id=response.pk,
        request_ids=[request.pk],
        leaves=leaf,
        salts=salt,
    )
