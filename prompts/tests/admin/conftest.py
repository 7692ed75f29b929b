"""Pages as the different people see them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from prompts.tests.factories import make_user


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """No collected, fingerprinted files: the tests run on the sources."""
    storages = settings.STORAGES
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = storages | {"staticfiles": plain}


def signed_in(user: Any, **options: Any) -> Client:
    """A browser in which `user` has signed in."""
    client = Client(**options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_staff(*permissions: str, **values: Any) -> Any:
    """Somebody of the staff with `permissions`, written as `app.codename`."""
    user = make_user(is_staff=True, **values)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


@pytest.fixture
def superuser(db: None) -> Any:
    return make_user("root", is_staff=True, is_superuser=True)


@pytest.fixture
def manager(db: None) -> Any:
    """Staff with `system.manage_all` and nothing else."""
    return make_staff("system.manage_all")


@pytest.fixture
def onlooker(db: None) -> Any:
    """Staff that may look at requests and responses, but not manage all."""
    return make_staff("prompts.view_promptrequest", "prompts.view_promptresponse")


@pytest.fixture
def viewer(db: None) -> Any:
    """Staff that may look at versions and no more."""
    return make_staff("prompts.view_promptversion")


@pytest.fixture
def editor(db: None) -> Any:
    """Staff that may write versions, try them out and annotate them."""
    return make_staff("prompts.write_promptversion")


@pytest.fixture
def superuser_page(superuser: Any) -> Client:
    return signed_in(superuser)


@pytest.fixture
def manager_page(manager: Any) -> Client:
    return signed_in(manager)


@pytest.fixture
def viewer_page(viewer: Any) -> Client:
    return signed_in(viewer)


@pytest.fixture
def editor_page(editor: Any) -> Client:
    return signed_in(editor)
