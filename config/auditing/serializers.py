"""The shapes of the audit API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from audit import origin
from prompts.api.fields import JsonObjectField


class ActorOut(serializers.Serializer[Any]):
    """Who did it, by the name of that time."""

    id = serializers.IntegerField()
    username = serializers.CharField()


class TargetOut(serializers.Serializer[Any]):
    """To what, by the name of that time."""

    type = serializers.CharField(help_text="App and model, such as `prompts.promptversion`.")
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class OriginOut(serializers.Serializer[Any]):
    """From where."""

    channel = serializers.ChoiceField(choices=[origin.API, origin.ADMIN, origin.COMMAND, origin.WORKER])
    address = serializers.IPAddressField(allow_null=True)
    correlation_id = serializers.CharField(help_text="The request's id in the server's log; may be empty.")


class AuditEntryOut(serializers.Serializer[Any]):
    """Who did what to what, when and from where, and its place in the chain."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    actor = ActorOut(allow_null=True, help_text="Null for the system itself.")
    action = serializers.CharField()
    target = TargetOut(allow_null=True)
    origin = OriginOut()
    details = JsonObjectField()
    seq = serializers.IntegerField(allow_null=True, help_text="Number in the chain; null for the second until sealed.")
    content_hash = serializers.CharField(help_text="SHA-256 of the entry's canonical JSON, in hex.")
    hash = serializers.CharField(allow_null=True, help_text="Of the link in the chain, in hex.")


class CheckpointOut(serializers.Serializer[Any]):
    """A signed statement of length and head of the chain."""

    size = serializers.IntegerField(help_text="Entries that it covers.")
    at = serializers.DateTimeField()
    key_id = serializers.CharField()


class ChainStateOut(serializers.Serializer[Any]):
    """How far the chain goes; whether it is whole tells `manage.py verify_audit`."""

    size = serializers.IntegerField(help_text="Entries in the chain.")
    head = serializers.CharField(help_text="Hash of the last link, in hex.")
    waiting = serializers.IntegerField(help_text="Entries that are not in the chain yet.")
    oldest_waiting_seconds = serializers.FloatField()
    checkpoint = CheckpointOut(allow_null=True, help_text="The last one.")
