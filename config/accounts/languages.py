"""The language that somebody chose: kept with their account, and spoken in the console wherever they sign in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.i18n import LANGUAGE_QUERY_PARAMETER
from django.views.i18n import set_language as set_cookie

from config.models import User

KNOWN = frozenset(code for code, _name in settings.LANGUAGES)


def choose(user: User, language: str) -> None:
    """Keep the language for the account; one that is not offered changes nothing."""
    if language in KNOWN and language != user.language:
        user.language = language
        user.save(update_fields=["language"])


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's switch, which sets the cookie and leads back; for who has signed in it lasts longer than the cookie."""
    if request.method == "POST" and request.user.is_authenticated:
        choose(request.user, request.POST.get(LANGUAGE_QUERY_PARAMETER, ""))
    return set_cookie(request)


def speak_of(request: HttpRequest) -> None:
    """Have the rest of the request speak the account's language, where its user chose one."""
    language = request.user.language if request.user.is_authenticated else ""
    if language in KNOWN:
        translation.activate(language)
        request.LANGUAGE_CODE = language
