"""One's own API tokens over HTTP."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from config.accounts import tokens
from config.models import ApiToken, User
from config.models.api_token import MAX_NAME_LENGTH
from prompts.api.fields import StrictSerializer, TextField, WholeNumberField
from prompts.api.filters import PAGING, refuse_unknown
from prompts.api.pagination import NewestFirst
from prompts.api.schema import answers
from prompts.api.viewsets import ActionViewSet


class TokensNotForTokens(PermissionDenied):
    """An API token was to make another one (403): it could live for ever then."""

    user_message = _("An API token can't create another one.")
    recovery_action = _("Sign in with your password, in the console or at /api/token/.")


class ApiTokenOut(serializers.ModelSerializer[ApiToken]):
    """A token without its text, which nobody can show again."""

    class Meta:
        model = ApiToken
        fields = ["id", "name", "beginning", "created_at", "expires_at", "last_used_at", "revoked_at"]
        read_only_fields = fields


class NewApiTokenOut(ApiTokenOut):
    """The only answer that has the token itself."""

    token = serializers.CharField(help_text="Shown this once. Send it as `Authorization: Bearer …`.")

    class Meta(ApiTokenOut.Meta):
        fields = [*ApiTokenOut.Meta.fields, "token"]
        read_only_fields = fields


class NewApiToken(StrictSerializer):
    """What it is for, and how long it lives."""

    name = TextField(max_length=MAX_NAME_LENGTH)
    days = WholeNumberField(
        min_value=tokens.LEAST_DAYS,
        max_value=tokens.MOST_DAYS,
        default=tokens.USUAL_DAYS,
        help_text="It lives so long.",
    )


def _user(request: Request) -> User:
    """Whoever has signed in."""
    return cast(User, request.user)


@extend_schema(tags=["API tokens"])
class ApiTokenViewSet(ActionViewSet[ApiToken]):
    """Long-lived tokens for programs that work in your name."""

    queryset = ApiToken.objects.all()
    serializer_class = ApiTokenOut
    bodies = {"create": NewApiToken}
    pagination_class = NewestFirst

    @extend_schema(operation_id="list_api_tokens", responses=answers(200, ApiTokenOut(many=True), 400, 401))
    def list(self, request: Request) -> Response:
        """Your tokens, newest first, with those that have expired or were revoked."""
        refuse_unknown(request, PAGING)
        page = self.paginate_queryset(self.get_queryset().filter(user=_user(request))) or []
        return self.get_paginated_response(ApiTokenOut(page, many=True).data)

    @extend_schema(
        operation_id="create_api_token",
        request=NewApiToken,
        responses=answers(201, NewApiTokenOut, 400, 401, 403, 409, 413, 415),
    )
    def create(self, request: Request) -> Response:
        """Create a token. The answer shows it once. API tokens themselves can't do this: sign in first."""
        if isinstance(request.auth, ApiToken):
            raise TokensNotForTokens(_("Tokens are created by people who have signed in."))
        new = tokens.create(user=_user(request), actor=request.user, **self.validated(request))
        body = ApiTokenOut(new.row).data | {"token": new.text}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="revoke_api_token", responses=answers(204, None, 401, 404))
    def destroy(self, request: Request, token_id: UUID) -> Response:
        """Revoke one of your tokens: from now on it opens nothing. Its row stays, so that its use stays known."""
        tokens.revoke(token_id, actor=request.user, of=_user(request))
        return Response(status=204)
