"""Who calls the API with a bearer token: an access token of a sign-in, or an API token."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from config.accounts import tokens
from config.models import ApiToken
from prompts import token_text


class RefusedToken(AuthenticationFailed):
    """An API token that opens nothing, or nothing any more (401)."""

    recovery_action = _("Create a new API token in the console, or ask an administrator for help.")


class BearerAuthentication(JWTAuthentication):
    """Both kinds come in the same header; the beginning of the token tells them apart."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The user, and the token as `request.auth`: an ApiToken, or an access token. Raises AuthenticationFailed."""
        header = self.get_header(request)
        text = token_text.in_header(header.decode("latin-1")) if header else None
        return _user_of(text) if text else super().authenticate(request)


def _user_of(text: str) -> tuple[Any, ApiToken]:
    row = tokens.find(text)
    if row is None:
        raise RefusedToken(_("There is no such API token."))
    if row.revoked_at is not None:
        raise RefusedToken(_("This API token was revoked."))
    if row.is_expired:  # type: ignore[attr-defined]
        raise RefusedToken(_("This API token has expired."))
    if not row.user.is_active:
        raise RefusedToken(_("The account of this API token is switched off."))
    if row.use_is_due:  # type: ignore[attr-defined]
        tokens.note_use(row)
    return row.user, row


class BearerScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    """In the API's schema both kinds are the one scheme that clients know."""

    target_class = "config.accounts.authentication.BearerAuthentication"

    def get_security_definition(self, auto_schema: Any) -> Any:
        """As for access tokens, with what else is taken."""
        scheme = super().get_security_definition(auto_schema)  # type: ignore[no-untyped-call]
        return scheme | {"description": "An access token from `POST /api/token/`, or an API token (`apm_…`)."}
