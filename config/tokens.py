"""JSON web tokens: how they are got, renewed and checked."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django.contrib.auth import user_logged_in
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token, UntypedToken
from rest_framework_simplejwt.views import TokenViewBase

from prompts.api.fields import StrictSerializer, TextField
from prompts.api.schema import answers

#: Far beyond any token of ours, and short enough that decoding one costs nothing.
MAX_TOKEN_LENGTH = 4096
MAX_PASSWORD_LENGTH = 1024
AnyToken = TypeVar("AnyToken", bound=Token)


class WrongCredentials(AuthenticationFailed):
    """No active account has this name and password; which of them is wrong is not told (401)."""

    user_message = _("The user name or the password is wrong.")
    recovery_action = _("Check both and try again. After several failures you have to wait a while.")


class Credentials(StrictSerializer, TokenObtainPairSerializer):
    """Username and password of an active account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = TextField(max_length=150, write_only=True)
        self.fields["password"] = TextField(
            max_length=MAX_PASSWORD_LENGTH,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The pair of tokens. Raises WrongCredentials."""
        try:
            pair = super().validate(attrs)
        except AuthenticationFailed as error:
            raise WrongCredentials(error.detail) from error
        # As any other way in: earlier failures are forgiven, and the time is noted.
        user_logged_in.send(sender=type(self.user), request=self.context["request"], user=self.user)
        return pair


class TokenPair(serializers.Serializer[Any]):
    """A short-lived token for requests, and a longer-lived one that gets the next pair, once."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class TokenRefresh(StrictSerializer):
    """The refresh token of the last pair."""

    refresh = TextField(max_length=MAX_TOKEN_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """The next pair. Raises TokenError and AuthenticationFailed."""
        token = _decode(RefreshToken, attrs["refresh"])
        check_owner(token)
        return _rotate(token)


class TokenVerify(StrictSerializer):
    """Any token of ours."""

    token = TextField(max_length=MAX_TOKEN_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Empty when the token would be accepted where it belongs. Raises TokenError and AuthenticationFailed."""
        is_refresh = _decode(UntypedToken, attrs["token"]).get("token_type") == RefreshToken.token_type
        check_owner(_decode(RefreshToken if is_refresh else AccessToken, attrs["token"]))
        return {}


def _decode(kind: type[AnyToken], text: str) -> AnyToken:
    """The token in `text`, if it is ours, of that kind and neither expired nor used up. Raises TokenError."""
    try:
        return kind(text)  # type: ignore[arg-type]
    except KeyError as error:
        raise TokenError(_("Token has no id")) from error


def check_owner(token: Token) -> None:
    """Raise AuthenticationFailed unless the account exists, is active and has the password it had then."""
    JWTAuthentication().get_user(token)


@transaction.atomic
def _rotate(token: RefreshToken) -> dict[str, str]:
    """Use up the token and make its successor; of two simultaneous calls one fails. Raises TokenError."""
    _blacklisted, is_first = cast(tuple[object, bool], token.blacklist())
    if not is_first:
        raise TokenError(_("Token is blacklisted"))
    successor = RefreshToken.for_user(JWTAuthentication().get_user(token))
    return {"access": str(successor.access_token), "refresh": str(successor)}


class Empty(serializers.Serializer[Any]):
    """An empty object."""


@extend_schema(tags=["Tokens"])
class TokenView(TokenViewBase):
    """Sign in."""

    serializer_class = Credentials

    def get_serializer_context(self) -> dict[str, Any]:
        """The lock-out marks the request that its middleware sees, not the framework's wrapper around it."""
        return {**super().get_serializer_context(), "request": self.request._request}

    @extend_schema(
        operation_id="create_token",
        auth=[],
        request=Credentials,
        responses=answers(200, TokenPair, 400, 401, 413, 415, 429),
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Get a pair of tokens for a username and a password. Locked for a while after repeated failures."""
        return super().post(request, *args, **kwargs)


@extend_schema(tags=["Tokens"])
class TokenRefreshView(TokenViewBase):
    """Stay signed in."""

    serializer_class = TokenRefresh

    @extend_schema(
        operation_id="refresh_token", auth=[], request=TokenRefresh, responses=answers(200, TokenPair, 400, 401)
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Get the next pair for a refresh token, which is used up by that."""
        return super().post(request, *args, **kwargs)


@extend_schema(tags=["Tokens"])
class TokenVerifyView(TokenViewBase):
    """Check a token."""

    serializer_class = TokenVerify

    @extend_schema(
        operation_id="verify_token",
        auth=[],
        request=TokenVerify,
        responses=answers(200, Empty, 400, 401),
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """200 with an empty object for a token that is still accepted."""
        return super().post(request, *args, **kwargs)
