"""What the scheduler has done every hour."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from prompts.services import housekeeping


@shared_task(ignore_result=False)
def keep_house() -> dict[str, int]:
    """Remove expired idempotency keys, tokens and sessions. Returns the number of rows by kind."""
    call_command("flushexpiredtokens")
    call_command("clearsessions")
    return housekeeping.purge_expired()
