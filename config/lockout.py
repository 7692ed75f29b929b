"""What whoever has failed to sign in too often gets to see, and how their address is found (django-axes)."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config import problems
from config.problems import Problem


def respond(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """429 with Retry-After in seconds: our error body below /api/, a plain page elsewhere."""
    seconds = seconds_left(get_client_username(request, credentials) or "", client_address(request))
    problem = Problem(
        429,
        _("Signing in is locked after too many failed attempts."),
        _("Too many failed attempts to sign in."),
        _("Wait %(minutes)d minutes, then try again.") % {"minutes": -(-seconds // 60)},
        headers={"Retry-After": str(seconds)},
    )
    if problems.is_api(request):
        return problems.respond(request, problem)
    page = render(request, "lockout.html", problem.body(), status=problem.status)
    page.headers["Retry-After"] = str(seconds)
    return page


def seconds_left(username: str, address: str) -> int:
    """How long the lock still holds, at least 1; an attempt during the lock does not prolong it."""
    attempts = AccessAttempt.objects.filter(username=username, ip_address=address)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    remaining: timedelta = last + (get_cool_off() or timedelta()) - timezone.now()
    return max(1, round(remaining.total_seconds()))


def client_address(request: HttpRequest) -> str:
    """The caller's address: from X-Forwarded-For only as far as `settings.TRUSTED_PROXIES` of our own wrote it.

    Each proxy appends the address that it saw, so the caller's is counted from the right; what stands further
    left was written by the caller and is worth nothing.
    """
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(forwarded) >= proxies and _is_address(forwarded[-proxies]):
        return forwarded[-proxies]
    peer = request.META.get("REMOTE_ADDR", "")
    return peer if _is_address(peer) else "0.0.0.0"  # noqa: S104 (not bound to: stands for a unix socket's peer)


def _is_address(text: str) -> bool:
    """Whether PostgreSQL takes it for one, too: it knows no zone as in `fe80::1%eth0`."""
    if "%" in text:
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
