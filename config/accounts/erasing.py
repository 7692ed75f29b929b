"""What accounts hold of people beside their row: tokens, sessions and sign-ins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.db.models.functions import Now
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from audit.models import AuditEntry
from config.models import ApiToken, User
from prompts.services.erasing_rooms import Room

ERASED_NAME = "erased"
PAGE = 1000
_USER = (
    *("id", "username", "first_name", "last_name", "email", "language", "is_active", "is_staff", "is_superuser"),
    *("date_joined", "last_login"),
)
_TOKEN = ("id", "name", "beginning", "created_at", "expires_at", "last_used_at", "revoked_at")
_ENTRY = ("id", "at", "action", "target_type", "target_id", "target_label", "channel", "address", "content")


class AccountsRoom(Room):
    """Accounts and the ways into them."""

    def holdings(self, user: Any) -> dict[str, int]:
        live = ApiToken.objects.filter(user=user.pk, revoked_at=None)
        return {"api_tokens": live.count(), "sessions": len(_sessions_of(user))}

    def close_account(self, user: Any) -> None:
        """Revoke their tokens, end their sessions, and forget the sign-ins that failed."""
        tokens = ApiToken.objects.filter(user=user.pk)
        tokens.filter(revoked_at=None).update(revoked_at=Now())
        tokens.update(name=ERASED_NAME)
        OutstandingToken.objects.filter(user=user.pk).delete()
        Session.objects.filter(pk__in=_sessions_of(user)).delete()
        for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
            attempts.objects.filter(username=user.get_username()).delete()
        LogEntry.objects.filter(_told_of(user)).delete()

    def tables_of(self, user: Any) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """Never what opens the account: neither the hash of its password nor those of its tokens."""
        yield "users", _rows(User.objects.filter(pk=user.pk), _USER)
        yield "groups", _rows(user.groups.order_by("name"), ("name",))
        yield "api_tokens", _rows(ApiToken.objects.filter(user=user.pk).order_by("pk"), _TOKEN)
        entries = AuditEntry.objects.filter(Q(actor=user.pk) | Q(target_type="system.user", target_id=str(user.pk)))
        yield "audit_logs", _rows(entries.order_by("at", "pk"), _ENTRY)
        attempts = AccessAttempt.objects.filter(username=user.get_username()).order_by("pk")
        yield "failed_sign_ins", _rows(attempts, ("attempt_time", "ip_address", "user_agent", "failures_since_start"))


room = AccountsRoom()


def _sessions_of(user: Any) -> list[str]:
    """The sessions that somebody is signed in with as this user. Each has to be opened to see whose it is."""
    live = Session.objects.filter(expire_date__gt=Now()).iterator(chunk_size=PAGE)
    return [session.pk for session in live if session.get_decoded().get(SESSION_KEY) == str(user.pk)]


def _told_of(user: Any) -> Q:
    return Q(user=user.pk) | Q(content_type__app_label="system", content_type__model="user", object_id=str(user.pk))


def _rows(rows: Any, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    found: Iterator[dict[str, Any]] = rows.values(*columns).iterator(chunk_size=PAGE)
    return found
