"""Pictures of pages as answers to browsers: kept by them, and harmless whatever they hold."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from documents.models import DocumentFile
from documents.services import picturing
from documents.services.picturing import Size

#: What is opened from here runs nothing and loads nothing.
POLICY = "sandbox; default-src 'none'"
#: The address of a page never shows anything else. Only the reader's own browser keeps it.
KEPT = "private, max-age=31536000, immutable"
SIZES = {"small": Size.SMALL, "large": Size.LARGE}


def as_image(request: HttpRequest, file: DocumentFile, number: int) -> HttpResponseBase:
    """The picture of a page, large where `size` in the query says so; or 304 for a browser that has it.

    Raises NotFound and TooManyPictures.
    """
    size = SIZES.get(request.GET.get("size", ""), Size.SMALL)
    headers = {"ETag": f'"{picturing.fingerprint(file, number, size)}"', "Cache-Control": KEPT}
    response = get_conditional_response(request, etag=headers["ETag"]) or _image(file, number, size)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _image(file: DocumentFile, number: int, size: Size) -> HttpResponse:
    picture = picturing.picture_of(file, number, size)
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(picture.content, content_type=picture.media_type, headers=headers)
