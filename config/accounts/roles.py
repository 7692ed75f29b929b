"""Roles: groups that come with the installation, for the people that most of them have.

Each is made once. From then on it is the operator's: what they take away, rename or delete stays so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.db.models.signals import post_migrate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from config.auditing.permissions import GROUP_CREATED
from config.models import User
from prompts.exceptions import NotFound


@dataclass(frozen=True, slots=True)
class Role:
    """`name` is stored, and the name of the group; people read `label` and `meaning`."""

    name: str
    label: str | Promise
    meaning: str | Promise
    permissions: frozenset[str]


_LOOKING = frozenset(
    {
        "prompts.view_prompttype",
        "prompts.view_promptversion",
        "prompts.view_promptrequest",
        "prompts.view_promptresponse",
        "documents.view_document",
        "documents.view_batch",
    }
)
_AUDITING = frozenset(
    {
        "audit.view_auditentry",
        "auth.view_group",
        "prompts.view_prompttype",
        "prompts.view_promptversion",
        "system.view_user",
    }
)
ROLES = (
    Role(
        "Viewer",
        _("Viewer"),
        _("Looks at prompt types, versions and figures, and at their own requests and documents."),
        _LOOKING,
    ),
    Role(
        "Prompt editor",
        _("Prompt editor"),
        _("Writes versions, tries them out and annotates them as well; does not activate or delete them."),
        _LOOKING | {"prompts.write_promptversion"},
    ),
    Role(
        "Prompt admin",
        _("Prompt admin"),
        _("Manages everything: activates versions, sees all requests, and operates the installation."),
        _LOOKING | {"system.manage_all"},
    ),
    Role(
        "Auditor", _("Auditor"), _("Looks at the audit log, at accounts and at versions; changes nothing."), _AUDITING
    ),
)
BY_NAME = {role.name: role for role in ROLES}


def connect() -> None:
    """Make the roles after migrations, once the permissions of every app are there."""
    post_migrate.connect(_make_missing, dispatch_uid="config.roles")


def _make_missing(sender: Any, using: str = DEFAULT_DB_ALIAS, plan: Any = (), **kwargs: Any) -> None:
    # Sent for each app, and each makes its permissions: the roles are complete after those of the last.
    if using == DEFAULT_DB_ALIAS and "audit_logs" in connection.introspection.table_names():
        make_missing()


@transaction.atomic
def make_missing() -> list[str]:
    """Make the roles that were never here and whose permissions are all there; their names.

    The log knows which groups ever were.
    """
    known = set(Group.objects.filter(name__in=BY_NAME).values_list("name", flat=True))
    if len(known) < len(BY_NAME):
        told = AuditEntry.objects.filter(action=GROUP_CREATED, target_label__in=BY_NAME)
        known |= set(told.values_list("target_label", flat=True))
    return [role.name for role in ROLES if role.name not in known and _make(role)]


def _make(role: Role) -> bool:
    """False where some of the permissions are not there yet."""
    permissions = list(_permissions(role))
    if len(permissions) < len(role.permissions):
        return False
    Group.objects.create(name=role.name).permissions.set(permissions)
    return True


def _permissions(role: Role) -> Any:
    rows = Permission.objects.annotate(in_code=Concat("content_type__app_label", Value("."), "codename"))
    return rows.filter(in_code__in=role.permissions)


@transaction.atomic
def give(user: User, role: str, *, staff: bool = False) -> bool:
    """Put the user into the group of a role, and with `staff` let them into the console; whether that is new.

    The log is told by the models. Raises NotFound where the operator has deleted the group.
    """
    group = Group.objects.filter(name=role).first()
    if group is None:
        raise NotFound(f"There is no group {role!r}.")
    is_new = not user.groups.filter(pk=group.pk).exists()
    user.groups.add(group)
    if staff and not user.is_staff:
        user.is_staff = is_new = True
        user.save(update_fields=["is_staff"])
    return is_new


def label(group: Group) -> str:
    """The name of a group as people read it: that of a role in their language."""
    role = BY_NAME.get(group.name)
    return str(role.label) if role else group.name


def meaning(group: Group) -> str:
    """What a role is for; nothing for other groups."""
    role = BY_NAME.get(group.name)
    return str(role.meaning) if role else ""
