"""Who gets or loses a group or a permission is written down, from whichever side it was changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db.models import Model

from audit.exceptions import NotInTransaction
from config.auditing.permissions import RELATIONS
from config.models import User
from config.tests.test_auditing_accounts import content, permission, written
from prompts.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(db: None) -> Any:
    """Somebody whose making is already written down."""
    return make_user("bob")


@pytest.mark.django_db(transaction=True)
def test_a_group_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        Group.objects.create(name="Auditors")
    assert not Group.objects.filter(name="Auditors").exists()


def test_the_life_of_a_group_is_told(bob: Any) -> None:
    group = Group.objects.create(name="Auditors")
    group.name = "Readers"
    group.save()
    group.save()
    group.permissions.add(permission())
    bob.groups.add(group)
    group.delete()
    told = [content(entry) for entry in written(1)]
    assert [(entry["action"], entry["target"]["type"]) for entry in told] == [
        ("group.created", "auth.group"),
        ("group.changed", "auth.group"),
        ("group.changed", "auth.group"),
        ("user.changed", "system.user"),
        ("group.deleted", "auth.group"),
    ]
    assert told[1]["details"]["changes"] == {"name": {"old": "Auditors", "new": "Readers"}}
    assert told[2]["details"]["changes"] == {"permissions": {"added": ["system.manage_all"]}}
    assert told[4]["details"] == {"name": "Readers", "permissions": ["system.manage_all"], "members": 1}


def test_who_gets_a_group_is_told_from_either_side(bob: Any) -> None:
    group = Group.objects.create(name="Auditors")
    group.user_set.add(bob)
    told = content(written()[-1])
    assert (told["target"]["label"], told["details"]["changes"]) == ("bob", {"groups": {"added": ["Auditors"]}})


def test_each_member_who_loses_a_group_is_told() -> None:
    group = Group.objects.create(name="Auditors")
    users = [make_user(name) for name in ("carl", "dora")]
    group.user_set.set(users)
    before = len(written())
    group.user_set.clear()
    told = [content(entry) for entry in written(before)]
    assert sorted(entry["target"]["label"] for entry in told) == ["carl", "dora"]
    assert all(entry["details"]["changes"] == {"groups": {"removed": ["Auditors"]}} for entry in told)


def test_permissions_that_are_taken_away_are_named(bob: Any) -> None:
    bob.user_permissions.set([permission(), permission("view_user")])
    bob.user_permissions.remove(permission())
    assert content(written()[-1])["details"]["changes"] == {"user_permissions": {"removed": ["system.manage_all"]}}


def test_giving_what_is_there_and_taking_what_is_not_writes_nothing(bob: Any) -> None:
    bob.user_permissions.add(permission())
    before = len(written())
    bob.user_permissions.add(permission())
    bob.user_permissions.remove(permission("view_user"))
    bob.groups.clear()
    assert len(written()) == before


def test_every_table_between_accounts_and_powers_is_listened_to() -> None:
    tables: set[type[Model] | None] = {
        field.remote_field.through for model in (User, Group) for field in model._meta.local_many_to_many
    }
    assert set(RELATIONS) == tables
