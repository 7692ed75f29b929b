"""Removing what has outlived its use."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from prompts.models import IdempotencyKey
from prompts.services import presence

IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=24)


def purge_expired() -> dict[str, int]:
    """Delete idempotency keys older than 24 hours, and signs of workers that are gone. Returns the rows by kind."""
    keys, _ = IdempotencyKey.objects.filter(created_at__lt=Now() - IDEMPOTENCY_KEY_LIFETIME).delete()
    return {"idempotency_keys": keys, "worker_signs": presence.purge()}
