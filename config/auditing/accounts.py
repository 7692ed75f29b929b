"""Changes of user accounts, told to the log by the signals of Django's models.

Each runs in the transaction of the change: `User.save` opens one, Django does for relations and deletions.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save, pre_delete, pre_save

from audit import changes, log
from config.auditing.calls import current_actor
from config.models import User

CREATED = "user.created"
CHANGED = "user.changed"
ACTIVATED = "user.activated"
DEACTIVATED = "user.deactivated"
DELETED = "user.deleted"
#: Of these the log tells what they were and are; of the others only that they have changed.
SHOWN = ("username", "email", "is_active", "is_staff", "is_superuser")
#: Each sign-in sets the time of the last one, and has an entry of its own; the language is nobody else's business.
UNTOLD = frozenset({"id", "language", "last_login"})
FIELDS = tuple(field.attname for field in User._meta.concrete_fields if field.attname not in UNTOLD)


def connect() -> None:
    """Listen from now on."""
    pre_save.connect(_remember, sender=User, dispatch_uid="auditing.user.pre_save")
    post_save.connect(_tell, sender=User, dispatch_uid="auditing.user.post_save")
    pre_delete.connect(_tell_deletion, sender=User, dispatch_uid="auditing.user.pre_delete")


def _remember(sender: Any, instance: User, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    """Keep what is stored, under a lock, so that two changes at once each tell what they have changed."""
    instance.stored_values = None
    if instance.pk is not None and _written(update_fields):
        rows = User._base_manager.select_for_update(no_key=True).filter(pk=instance.pk)
        instance.stored_values = rows.values(*FIELDS).first()


def _tell(sender: Any, instance: User, created: bool, update_fields: Collection[str] | None, **kwargs: Any) -> None:
    before, instance.stored_values = instance.stored_values, None
    if created:
        log.append(CREATED, actor=current_actor(), target=instance, details=_shown(instance))
    elif before is not None:
        _tell_change(instance, before, _written(update_fields))


def _tell_change(user: User, before: dict[str, Any], written: Collection[str]) -> None:
    after = User._base_manager.filter(pk=user.pk).values(*written).get()
    changed = {name for name in written if after[name] != before[name]}
    if not changed:
        return
    details: dict[str, Any] = {
        "fields": sorted(changed),
        "changes": changes.differences(before, {name: after[name] for name in SHOWN if name in changed}),
    }
    if "password" in changed:
        details["password"] = _password_change(user)
    log.append(_action(user, changed), actor=current_actor(), target=user, details=details)


def _written(update_fields: Collection[str] | None) -> Collection[str]:
    """The columns of interest that a save writes; None stands for all."""
    return FIELDS if update_fields is None else [name for name in FIELDS if name in update_fields]


def _action(user: User, changed: Collection[str]) -> str:
    if "is_active" not in changed:
        return CHANGED
    return ACTIVATED if user.is_active else DEACTIVATED


def _password_change(user: User) -> str:
    """What became of the password: Django hashes one anew at a sign-in when the way of hashing has changed."""
    if not user.has_usable_password():
        return "disabled"
    return "set" if vars(user).get("_password") is not None else "hash replaced"


def _shown(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in SHOWN}


def _tell_deletion(sender: Any, instance: User, **kwargs: Any) -> None:
    log.append(DELETED, actor=current_actor(), target=instance, details=_shown(instance))
