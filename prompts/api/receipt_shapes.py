"""The shape of a receipt (prompts/receipts.py)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from prompts.api.fields import JsonObjectField
from prompts.models.prompt_request import Status


class SealOut(serializers.Serializer[Any]):
    """The batch that the answer is sealed in: an audit entry holds its Merkle root."""

    entry = serializers.UUIDField(help_text="The audit entry.")
    root = serializers.CharField()  # type: ignore[assignment]
    index = serializers.IntegerField(help_text="The request's place in the batch, from 0.")
    size = serializers.IntegerField()
    seq = serializers.IntegerField(allow_null=True, help_text="The entry's number in the chain, once it has one.")


class PersonOut(serializers.Serializer[Any]):
    """A user."""

    id = serializers.IntegerField()
    username = serializers.CharField()


class ReceiptOut(serializers.Serializer[Any]):
    """What was asked of which model, by whom, with which version, and what came of it.

    The hashes are hexadecimal SHA-256 of the UTF-8 texts; null where there is no such text, or no more.
    """

    request_id = serializers.UUIDField()
    user = PersonOut()
    prompt_type = serializers.CharField()
    version_number = serializers.IntegerField(allow_null=True)
    template_sha256 = serializers.CharField(allow_null=True)
    rendered_sha256 = serializers.CharField(allow_null=True)
    parameters = JsonObjectField()
    model = serializers.CharField(help_text="The model that was asked.")
    reported_model = serializers.CharField(allow_null=True, help_text="The model that says it answered.")
    provider = serializers.CharField()
    attempt = serializers.IntegerField(allow_null=True, help_text="The last one.")
    provider_request_id = serializers.CharField()
    response_sha256 = serializers.CharField(allow_null=True)
    finish_reason = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    texts_erased_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when prompt and answer are gone; null while they are there."
    )
    sealed = SealOut(allow_null=True)
