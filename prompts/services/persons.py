"""All that is held of a person: given out as one file, and erased (docs/decisions/0025-retention.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from audit import log
from prompts import powers
from prompts.exceptions import Conflict, NotFound
from prompts.models import IdempotencyKey, PromptRequest, PromptVersion
from prompts.models.prompt_request import FINISHED, UNFINISHED
from prompts.services import sealing
from prompts.services.erasing import delete_facts, erase_purposes, erase_texts
from prompts.services.erasing_rooms import rooms
from prompts.services.persons_requests import batches, end, with_texts
from prompts.services.retention import FACTS_DELETED, TEXTS_ERASED

ERASED = "person.erased"


@dataclass(frozen=True, slots=True)
class Done:
    """How far the erasing of a person is: requests whose texts, or facts, are gone, and those that have to wait."""

    erased: int
    deleted: int
    waiting: int


def find(name: str) -> Any:
    """The account of that user name, or of that pseudonym, also a switched-off one. Raises NotFound."""
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise NotFound(_("There is no user “%(name)s”.") % {"name": name[:150]})
    return user


def pseudonym(user: Any) -> str:
    """What the account is called once its person was erased."""
    return f"erased-{user.pk}"


def is_closed(user: Any) -> bool:
    """Whether the person was erased, though perhaps not all of their texts yet."""
    return bool(user.get_username() == pseudonym(user) and not user.is_active)


def holdings(user: Any) -> dict[str, int]:
    """How much `erase` would erase, by kind."""
    requests = PromptRequest.objects.filter(user=user.pk)
    own = {
        "requests": requests.filter(texts_erased_at=None).count(),
        "unfinished_requests": requests.filter(status__in=UNFINISHED).count(),
        "versions_written": PromptVersion.objects.filter(created_by=user.pk).count(),
    }
    return own | {kind: number for room in rooms() for kind, number in room.holdings(user).items()}


@transaction.atomic
def close(user: Any) -> None:
    """Switch the account off, replace its name by a pseudonym, and take away every way into it.

    One audit entry; a closed account stays as it is. Raises Conflict for the last one that manages everything,
    and where another one has the pseudonym.
    """
    accounts = get_user_model().objects
    # Of all that manage everything: two of them at once must not each find the other still there.
    managers = _lock_managers()
    stored = accounts.select_for_update(no_key=True).get(pk=user.pk)
    if is_closed(stored):
        return
    if managers == [stored.pk]:
        raise Conflict(_("This is the last active account that manages everything. Give that power to another first."))
    if accounts.filter(username=pseudonym(stored)).exclude(pk=stored.pk).exists():
        raise Conflict(_("Another account is called “%(name)s”. Rename it first.") % {"name": pseudonym(stored)})
    counts = holdings(stored)
    for room in rooms():
        room.close_account(stored)
    IdempotencyKey.objects.filter(user_id=stored.pk).delete()
    accounts.filter(pk=stored.pk).update(**_nobody(stored))
    PromptVersion.objects.filter(created_by=stored.pk).update(author=pseudonym(stored))
    closed = accounts.get(pk=stored.pk)
    log.append(ERASED, actor=None, target=closed, details={"user_id": closed.pk, "held": counts})


def erase(user: Any, *, keep_facts: bool = True) -> Iterator[Done]:
    """Erase what is held of a person whose account was closed, a batch at a time; the last one says what has to wait.

    With their requests go those of others that repeat them, or their documents. May be ended at any time and called
    again. What waits is answered and not sealed yet: that takes seconds. Without `keep_facts` the rows of their
    requests go too. Raises Conflict for an account that is not closed.
    """
    if not is_closed(get_user_model().objects.get(pk=user.pk)):
        raise Conflict(_("Close the account first."))
    end(PromptRequest.objects.filter(user=user.pk))
    for room in rooms():
        room.erase_person(user)
    sealing.seal_answers()
    erased = deleted = 0
    waiting: set[UUID] = set()
    for ids in batches(user, keep_facts=keep_facts):
        gone, rows = _erase_batch(user, ids, keep_facts=keep_facts)
        erased, deleted = erased + gone, deleted + rows
        waiting |= with_texts(PromptRequest.objects.filter(pk__in=ids).exclude(user=user.pk))
        yield Done(erased, deleted, 0)
    waiting |= with_texts(PromptRequest.objects.filter(user=user.pk))
    yield Done(erased, deleted, len(waiting))


@transaction.atomic
def _erase_batch(user: Any, ids: list[UUID], *, keep_facts: bool) -> tuple[int, int]:
    """Their own requests also lose why they were made, as do replays, which have it from there.

    Those of others that only ask about their documents don't.
    """
    held = PromptRequest.objects.select_for_update(of=("self",)).filter(pk__in=ids, status__in=FINISHED).order_by("pk")
    locked = list(held.only("pk", "user_id", "replay_of_id"))
    keys, own = [request.pk for request in locked], [request.pk for request in locked if request.user_id == user.pk]
    _forget_first_answers(user, keys)
    erased = erase_texts(keys)
    erase_purposes([*own, *(request.pk for request in locked if request.replay_of_id)])
    _tell(TEXTS_ERASED, user, erased)
    deleted = [] if keep_facts else delete_facts(own)
    _tell(FACTS_DELETED, user, deleted)
    return len(erased), len(deleted)


def _forget_first_answers(user: Any, ids: list[UUID]) -> None:
    """What others got for their keyed POSTs repeats the text that was sent."""
    asked = PromptRequest.objects.filter(pk__in=ids, user=OuterRef("user"), idempotency_key=OuterRef("key"))
    IdempotencyKey.objects.filter(Exists(asked)).exclude(user=user).delete()


def _tell(action: str, user: Any, ids: list[UUID]) -> None:
    if ids:
        details = {"requests": len(ids), "first": str(min(ids)), "last": str(max(ids)), "user_id": user.pk}
        log.append(action, actor=None, details=details)


def _lock_managers() -> list[int]:
    """The active accounts that manage everything, each locked so that it stays one."""
    accounts = get_user_model().objects.select_for_update(no_key=True)
    active: Iterable[Any] = accounts.filter(is_active=True).order_by("pk")
    return [account.pk for account in active if powers.manages_all(account)]


def _nobody(user: Any) -> dict[str, Any]:
    """The columns of an account that nobody has."""
    nothing = dict.fromkeys(("first_name", "last_name", "email", "language"), "")
    switched_off = dict.fromkeys(("is_active", "is_staff", "is_superuser"), False)
    return {
        "username": pseudonym(user),
        "password": make_password(None),
        "last_login": None,
        **nothing,
        **switched_off,
    }
