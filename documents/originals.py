"""Documents as they came: sent as files to keep, never to be opened here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from documents import storage
from documents.models import Document
from documents.pictures import POLICY
from prompts.downloads import Held
from prompts.exceptions import NotFound


def as_original(document: Document) -> StreamingHttpResponse:
    """Its content under its owner's name for it, sent while it is read. Raises NotFound and TooManyDownloads."""
    if document.erased_at is not None:
        raise NotFound(_("The document was erased. Nothing of what it held is kept."))
    try:
        content = storage.path_of(document.file.sha256).open("rb")
    except FileNotFoundError as error:
        raise NotFound(_("The file is not where it was stored. Tell your administrator.")) from error
    headers = {
        "Content-Disposition": content_disposition_header(True, document.name) or "attachment",
        "Content-Length": str(document.file.size),
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(Held(_chunks(content)), content_type=document.file.media_type, headers=headers)


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while chunk := content.read(storage.CHUNK_BYTES):
            yield chunk
