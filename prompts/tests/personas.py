"""Who asks: the people that endpoints have to tell apart, and how they sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from prompts.tests.factories import make_user


def make_admin() -> Any:
    """No superuser: somebody with the one permission that opens everything."""
    admin = make_user("admin")
    admin.user_permissions.add(Permission.objects.get(content_type__app_label="system", codename="manage_all"))
    return admin


def make_editor() -> Any:
    """Somebody who writes versions, and neither activates nor deletes them."""
    editor = make_user("editor")
    editor.user_permissions.add(Permission.objects.get(codename="write_promptversion"))
    return editor


def make_viewer() -> Any:
    """Somebody who only looks at versions."""
    viewer = make_user("viewer")
    viewer.user_permissions.add(Permission.objects.get(codename="view_promptversion"))
    return viewer


def bearer(user: Any) -> str:
    """The Authorization header of a fresh token."""
    return f"Bearer {RefreshToken.for_user(user).access_token}"


def client_of(user: Any = None, **options: Any) -> APIClient:
    """A client with a real token, or an anonymous one. A bug in a view answers 500, as it would outside."""
    client = APIClient(raise_request_exception=False, **options)
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=bearer(user))
    return client
