"""The log: entries, their places in the chain, and signed checkpoints of it (docs/decisions/0009-audit-chain.md)."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class AuditEntry(models.Model):
    """Who did what to what, when and from where.

    `content` is the entry as canonical JSON (RFC 8785) and what the chain protects; the other columns repeat
    parts of it for filters. There are no foreign keys with constraints: the entry outlives what it tells of.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("at"), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("actor"),
    )
    actor_label = models.CharField(_("actor's name"), max_length=150, blank=True)
    action = models.CharField(_("action"), max_length=100)
    target_type = models.CharField(_("target type"), max_length=100, blank=True)
    target_id = models.CharField(_("target id"), max_length=100, blank=True)
    target_label = models.CharField(_("target"), max_length=200, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    content = models.TextField(_("content"))
    content_hash = models.BinaryField(_("SHA-256 of the content"), max_length=32)

    class Meta:
        db_table = "audit_logs"
        ordering = ["-at", "-id"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), name="audit_entry_list"),
            models.Index("action", F("at").desc(), F("id").desc(), name="audit_entry_action_list"),
            models.Index("channel", F("at").desc(), F("id").desc(), name="audit_entry_channel_list"),
            models.Index("actor", F("at").desc(), F("id").desc(), name="audit_entry_actor_list"),
            models.Index("target_type", "target_id", F("at").desc(), name="audit_entry_target_list"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_label}".strip()


class UnsealedEntry(models.Model):
    """An entry that has no place in the chain yet. A trigger puts it here; the sealer takes it away."""

    entry = models.OneToOneField(
        AuditEntry, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )

    class Meta:
        db_table = "audit_unsealed"

    def __str__(self) -> str:
        return str(self.entry_id)


class AuditLink(models.Model):
    """The place of an entry in the chain: `hash` covers `seq`, the entry's content and every link before."""

    seq = models.BigIntegerField(_("number"), primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link", verbose_name=_("entry"))
    prev_hash = models.BinaryField(_("hash of the link before"), max_length=32)
    hash = models.BinaryField(_("hash"), max_length=32)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        db_table = "audit_links"
        ordering = ["seq"]
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self) -> str:
        return str(self.seq)


class AuditCheckpoint(models.Model):
    """The length and head of the chain at a moment, signed with a key that is not in the database."""

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField(_("length of the chain"))
    head = models.BinaryField(_("hash of the last link"), max_length=32)
    at = models.DateTimeField(_("at"))
    key_id = models.CharField(_("key"), max_length=64)
    signature = models.BinaryField(_("signature"), max_length=64)

    class Meta:
        db_table = "audit_checkpoints"
        ordering = ["-id"]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")

    def __str__(self) -> str:
        return str(self.size)


def content_hash(content: str) -> bytes:
    """SHA-256 of an entry's content, 32 bytes."""
    return hashlib.sha256(content.encode()).digest()
