"""Bodies that are forms with files, beside those that are JSON."""

from __future__ import annotations

from typing import Any, BinaryIO, ClassVar, cast

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from prompts.api.fields import TextsField
from prompts.api.idempotency import CSRF_FIELD

FORM = "multipart/form-data"
JSON = "application/json"
PARSERS = [*APIView.parser_classes, MultiPartParser]


class UploadField(serializers.FileField):
    """A file of a form. What it is called and what it holds, the services check."""

    def __init__(self, **options: Any) -> None:
        super().__init__(use_url=False, **options)


class UploadsField(serializers.ListField):
    """Any number of files under one name."""

    child = UploadField()

    def __init__(self, **options: Any) -> None:
        super().__init__(style={"template": "documents/api/files.html"}, **options)


class FormTextsField(TextsField):
    """A JSON object of texts, written as the text of a form's field."""

    default_error_messages = {"not_json": _("This is not valid JSON."), "nul": _("It holds a NUL character.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(style={"base_template": "textarea.html"}, **options)

    def get_value(self, dictionary: Any) -> Any:
        """The text; a field that was left empty is not there."""
        return dictionary.get(self.field_name) or empty

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """The object. Raises ValidationError, also for what PostgreSQL can't hold."""
        try:
            texts = super().to_internal_value(orjson.loads(data))
        except (orjson.JSONDecodeError, TypeError):
            self.fail("not_json")
        if any("\x00" in text for item in texts.items() for text in item):
            self.fail("nul")
        return texts


class UploadMixin:
    """A view whose bodies are JSON or forms; for forms `forms` names the shapes, by method in lower case or action."""

    forms: ClassVar[dict[str, type[BaseSerializer[Any]]]] = {}

    def form_of(self, request: Request, action: str) -> type[BaseSerializer[Any]] | None:
        """The shape of the form that was sent, or that the page for people shows; None where JSON was sent."""
        is_json = request.content_type.startswith(JSON)
        return None if is_json else self.forms.get(action)


def content_of(request: Request) -> Any:
    """The body for a serializer, without what a form of the browsable API brings along for itself."""
    body = request.data
    if not isinstance(body, MultiValueDict):
        return body
    return MultiValueDict({name: body.getlist(name) for name in body if name != CSRF_FIELD})


def stream_of(upload: UploadedFile[Any]) -> BinaryIO:
    """The content, to be read from its start."""
    upload.seek(0)
    return cast(BinaryIO, upload.file)
