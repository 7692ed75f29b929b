"""Sending failed requests again, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit import log
from audit.log import Actor
from prompts.exceptions import Conflict, DomainError, InvalidInput
from prompts.models import PromptRequest
from prompts.models.prompt_request import Status
from prompts.services import submission

RETRIED = "prompt_request.retried"
MOST_AT_ONCE = 500


@dataclass(slots=True)
class Retried:
    """What became of a selection: the new requests, and the ids that were refused by reason."""

    sent: list[PromptRequest] = field(default_factory=list)
    refused: dict[str, list[UUID]] = field(default_factory=dict)


def retry_failed(ids: Sequence[UUID], *, actor: Actor) -> Retried:
    """Send these failed requests again, each in the name of whoever sent it first.

    Each is a transaction of its own with its audit row: when this is broken off, what was sent is sent and marked, and
    the rest can be sent later. Raises InvalidInput for more than `MOST_AT_ONCE`.
    """
    if len(ids) > MOST_AT_ONCE:
        raise InvalidInput.on("ids", _("Choose at most %(limit)d requests at a time.") % {"limit": MOST_AT_ONCE})
    outcome = Retried()
    for identifier in dict.fromkeys(ids):
        try:
            outcome.sent.append(_retry(identifier, actor))
        except DomainError as error:
            outcome.refused.setdefault(str(error.message), []).append(identifier)
    return outcome


@transaction.atomic
def _retry(identifier: UUID, actor: Actor) -> PromptRequest:
    """The new request. The lock lets two people, or two clicks, send it once."""
    rows = PromptRequest.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "version")
    original = rows.filter(pk=identifier, status=Status.FAILED).first()
    if original is None:
        raise Conflict(_("Only what has failed can be retried."))
    if original.replays.exists():
        raise Conflict(_("It was sent again already. If that failed too, retry the newer one."))
    sent = submission.replay(original, user=original.user)
    log.append(RETRIED, actor=actor, target=sent, details={"replay_of": str(original.pk)})
    return sent
