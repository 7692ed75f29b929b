"""The shapes of documents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from documents.api.uploads import UploadField
from documents.models import Document
from documents.models.document_file import ReadingState
from documents.models.document_page import TextSource
from documents.reading.reasons import REASONS
from prompts.api.fields import StrictSerializer


class DocumentUpload(StrictSerializer):
    """A file: PDF, PNG, JPEG, TIFF or plain text. What it is, its content says and never its name."""

    file = UploadField()


class DocumentOut(serializers.Serializer[Any]):
    """A file that somebody brought in, and how far it has been read."""

    id = serializers.UUIDField()
    user = serializers.CharField(source="user.username")
    name = serializers.CharField(help_text="What its owner calls it; nothing is ever opened by it.")
    mediaType = serializers.CharField(source="file.media_type")
    size = serializers.IntegerField(source="file.size", help_text="In bytes.")
    sha256 = serializers.CharField(source="file.sha256", help_text="Of the content, in hex.")
    reader = serializers.CharField(source="file.reader", help_text="What reads it, with its languages.")
    state = serializers.ChoiceField(source="file.state", choices=ReadingState.choices)
    reason = serializers.CharField(source="file.error_code", help_text="Why it can't be read, as a code; or empty.")
    message = serializers.SerializerMethodField(help_text="The same in words, in the language of Accept-Language.")
    pageCount = serializers.IntegerField(
        source="file.page_count", allow_null=True, help_text="Null until the file was opened."
    )
    pagesRead = serializers.IntegerField(source="file.pages_read")
    milliseconds = serializers.IntegerField(source="file.milliseconds", allow_null=True, help_text="Of reading it all.")
    createdAt = serializers.DateTimeField(source="created_at")
    erasedAt = serializers.DateTimeField(
        source="erased_at", allow_null=True, help_text="Since when name and content are gone, or null."
    )
    readAt = serializers.DateTimeField(source="file.read_at", allow_null=True)

    def get_message(self, document: Document) -> str:
        """What a person is told of a file that can't be read; else empty."""
        return str(REASONS.get(document.file.error_code, ""))


class PageOut(serializers.Serializer[Any]):
    """The text of one page."""

    number = serializers.IntegerField(help_text="From 1.")
    text = serializers.CharField()
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=TextSource.choices, help_text="Its text layer, recognition (OCR), or a text file."
    )
    confidence = serializers.IntegerField(
        allow_null=True, help_text="Mean over the recognised words, in percent; null where nothing was recognised."
    )
    milliseconds = serializers.IntegerField()


class DocumentDetail(DocumentOut):
    """A document with the text of its pages, once it is read."""

    pages = PageOut(source="file.pages", many=True)


class DocumentAnswer(serializers.Serializer[Any]):
    """One document."""

    data = DocumentOut()  # type: ignore[assignment]


class DocumentDetailAnswer(serializers.Serializer[Any]):
    """One document with its pages."""

    data = DocumentDetail()  # type: ignore[assignment]
