"""Changes of groups, and of who has which group and permission, told to the log by the signals of Django's models."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import ManyToManyField, Model, Value
from django.db.models.functions import Concat
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save

from audit import changes, log
from audit.exceptions import NotInTransaction
from config.auditing.accounts import CHANGED as USER_CHANGED
from config.auditing.calls import current_actor
from config.models import User

GROUP_CREATED = "group.created"
GROUP_CHANGED = "group.changed"
GROUP_DELETED = "group.deleted"
#: The table between two: the relation, and what a change of it is to the one whose it is.
RELATIONS: dict[type[Model] | None, tuple[ManyToManyField[Any, Any], str]] = {
    field.remote_field.through: (field, told)
    for field, told in (
        (User._meta.get_field("groups"), USER_CHANGED),
        (User._meta.get_field("user_permissions"), USER_CHANGED),
        (Group._meta.get_field("permissions"), GROUP_CHANGED),
    )
}
#: Before the removal of some or all, as afterwards nobody knows which of them were there.
STEPS = {"post_add": "added", "pre_remove": "removed", "pre_clear": "removed"}


def connect() -> None:
    """Listen from now on."""
    pre_save.connect(_remember, sender=Group, dispatch_uid="auditing.group.pre_save")
    post_save.connect(_tell, sender=Group, dispatch_uid="auditing.group.post_save")
    pre_delete.connect(_tell_deletion, sender=Group, dispatch_uid="auditing.group.pre_delete")
    for through, (field, _told) in RELATIONS.items():
        m2m_changed.connect(_tell_relation, sender=through, dispatch_uid=f"auditing.{field}")


def _remember(sender: Any, instance: Group, **kwargs: Any) -> None:
    """Keep the stored name. Raises NotInTransaction, since a group is Django's and opens no transaction by itself."""
    if not connection.in_atomic_block:
        raise NotInTransaction("A group is saved in a transaction, together with its audit entry")
    rows = Group.objects.select_for_update(no_key=True).filter(pk=instance.pk)
    instance.stored_values = rows.values("name").first()  # type: ignore[attr-defined]


def _tell(sender: Any, instance: Group, created: bool, **kwargs: Any) -> None:
    before = instance.stored_values or {}  # type: ignore[attr-defined]
    changed = changes.differences(before, {"name": instance.name})
    if created:
        log.append(GROUP_CREATED, actor=current_actor(), target=instance, details={"name": instance.name})
    elif changed:
        log.append(GROUP_CHANGED, actor=current_actor(), target=instance, details={"changes": changed})


def _tell_deletion(sender: Any, instance: Group, **kwargs: Any) -> None:
    details = {
        "name": instance.name,
        "permissions": sorted(_names(Permission, instance.permissions.values("pk")).values()),
        "members": User.objects.filter(groups=instance).count(),
    }
    log.append(GROUP_DELETED, actor=current_actor(), target=instance, details=details)


def _tell_relation(
    sender: type[Model], instance: Model, action: str, reverse: bool, pk_set: Collection[Any] | None, **kwargs: Any
) -> None:
    """One entry for each user or group that gets or loses something, from whichever side it was changed."""
    if action not in STEPS:
        return
    field, told = RELATIONS[sender]
    owner, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    near, far = (other, owner) if reverse else (owner, other)
    rows = sender._default_manager.filter(**{near: instance.pk})
    if pk_set is not None:
        rows = rows.filter(**{f"{far}__in": pk_set})
    for target, names in _by_owner(field, list(rows.values_list(owner, other))):
        details = {"changes": {field.name: {STEPS[action]: names}}}
        log.append(told, actor=current_actor(), target=target, details=details)


def _by_owner(field: ManyToManyField[Any, Any], pairs: list[tuple[Any, Any]]) -> Iterator[tuple[Model, list[str]]]:
    """Each user or group of the pairs, with the names of what it is paired with."""
    owners = field.model._default_manager.in_bulk({owner for owner, _other in pairs})
    names = _names(field.related_model, {other for _owner, other in pairs})
    for key, target in owners.items():
        yield target, sorted(names[other] for owner, other in pairs if owner == key)


def _names(model: Any, keys: Any) -> dict[Any, str]:
    """The names by key: of a permission as code writes it, `app.codename`."""
    rows = model._default_manager.filter(pk__in=keys)
    if model is Permission:
        rows = rows.annotate(name_in_code=Concat("content_type__app_label", Value("."), "codename"))
    return dict(rows.values_list("pk", "name_in_code" if model is Permission else "name"))
