"""The shapes of try-outs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents.api.uploads import FormTextsField, UploadField
from prompts.api.fields import StrictSerializer, TextField, TextsField
from prompts.models.prompt_request import Status


class SandboxRun(StrictSerializer):
    """What to try a version on: `text` for its one placeholder, or `variables` for all of them."""

    text = TextField(trim_whitespace=False, required=False, style={"prefilled": True})
    variables = TextsField(required=False)
    model = TextField(max_length=200, required=False, help_text="Another model than the version's.")


class SandboxForm(StrictSerializer):
    """The same as a form, which can bring a file. Its text fills one placeholder, `variables` the others."""

    file = UploadField(required=False)
    text = TextField(trim_whitespace=False, required=False, style={"prefilled": True, "base_template": "textarea.html"})
    variables = FormTextsField(required=False, help_text="A JSON object of texts.")
    model = TextField(max_length=200, required=False, help_text="Another model than the version's.")


class SandboxOut(serializers.Serializer[Any]):
    """The request that tries the version. Its answer becomes the `testResultJson` of the version of this number."""

    requestId = serializers.UUIDField()
    versionNumber = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Status.choices)


class SandboxAnswer(serializers.Serializer[Any]):
    """The request."""

    data = SandboxOut()  # type: ignore[assignment]
