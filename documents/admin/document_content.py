"""What a document holds: pictures of its pages, and the file as it came."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from documents.admin.base import OwnedAdmin
from documents.exceptions import TooManyPictures
from documents.models import Document
from documents.originals import as_original
from documents.pictures import as_image
from prompts.admin.base import in_words
from prompts.exceptions import NotFound, TooManyDownloads


class ContentPages(OwnedAdmin[Document]):
    """Files for browsers. Only who sees the page of the document gets them."""

    def get_urls(self) -> list[URLPattern]:
        # Django would forbid to keep what it serves.
        image = self.admin_site.admin_view(self.image_view, cacheable=True)
        original = self.admin_site.admin_view(self.original_view)
        return [
            path("<uuid:identifier>/pages/<int:number>/image", image, name="documents_document_image"),
            path("<uuid:identifier>/original", original, name="documents_document_original"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def image_view(self, request: HttpRequest, identifier: UUID, number: int) -> HttpResponseBase:
        """How a page looks; 503 while too many are being drawn."""
        document = self.visible(request, identifier)
        try:
            return as_image(request, document.file, number)
        except NotFound:
            # Kept for a while: to find out once more may cost as much as the first time.
            return HttpResponse(status=404, headers={"Cache-Control": "private, max-age=60"})
        except TooManyPictures as error:
            return HttpResponse(status=503, headers={"Retry-After": str(error.retry_after)})

    @method_decorator(require_safe)
    def original_view(self, request: HttpRequest, identifier: UUID) -> HttpResponseBase:
        """The file as it came, to keep."""
        document = self.visible(request, identifier)
        try:
            return as_original(document)
        except (NotFound, TooManyDownloads) as error:
            messages.error(request, in_words(error))
            return HttpResponseRedirect(self.address(document))
