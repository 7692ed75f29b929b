"""What a client's Idempotency-Key was answered with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """The first answer to a keyed POST, given again for 24 hours to the same body (docs/decisions)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    answer = models.JSONField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "idempotency_keys"
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="idempotency_key_once")]
        indexes = [models.Index("created_at", name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
