"""Signing in, and being locked out of it."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from axes.signals import user_locked_out
from django.contrib.auth import user_logged_in
from django.db import transaction
from django.http import HttpRequest

from audit import log
from config.models import User

SUCCEEDED = "login.succeeded"
LOCKED_OUT = "login.locked_out"


def connect() -> None:
    """Listen from now on."""
    user_logged_in.connect(_tell_success, dispatch_uid="auditing.login")
    user_locked_out.connect(_tell_lock, dispatch_uid="auditing.lock")


@transaction.atomic
def _tell_success(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever can't be written down is not let in: the sign-in ends with the error."""
    match = request.resolver_match
    method = "token" if match and match.view_name == "token" else "session"
    log.append(SUCCEEDED, actor=user, target=user, details={"method": method})


@transaction.atomic
def _tell_lock(sender: Any, request: Any, username: str | None, **kwargs: Any) -> None:
    """The beginning of a lock, and not each attempt during it: that would let anybody fill the log.

    The name that was typed is not told unless it is an account's: people type passwords there.
    """
    failures = request.axes_failures_since_start
    if failures is None:
        return
    user = User.objects.filter(username=username).first() if username else None
    cool_off = get_cool_off()
    details = {"failures": failures, "seconds": round(cool_off.total_seconds()) if cool_off else None}
    log.append(LOCKED_OUT, actor=None, target=user, details=details)
