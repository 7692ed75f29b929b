"""Pages that cost the same however far down the list they are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from prompts.models.prompt_type import SLUG_PATTERN

CURSOR_FORM = re.compile(r"[A-Za-z0-9+/]{1,500}={0,2}")


class StrictCursorPagination(CursorPagination):
    """DRF's cursor pages; a page size or a cursor that isn't ours is refused, never guessed at."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def is_position(self, text: str) -> bool:
        """Whether the text can be a value of the first ordering column."""
        raise NotImplementedError

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """As in the base class, with what is refused."""
        cursor, page_size = super().get_schema_operation_parameters(view)
        cursor["schema"]["minLength"] = 1
        page_size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [cursor, page_size]

    def get_page_size(self, request: Request) -> int:
        """The page size asked for. Raises ValidationError."""
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= self.max_page_size:
            problem = _("Write a whole number from 1 to %(limit)d.") % {"limit": self.max_page_size}
            raise ValidationError({self.page_size_query_param: [problem]})
        return int(text)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The cursor in the query, if any. Raises ValidationError for one that was tampered with."""
        encoded = request.query_params.get(self.cursor_query_param)
        # The base class skips characters that no encoder writes, and would answer with the first page.
        if encoded is not None and not CURSOR_FORM.fullmatch(encoded):
            raise self._no_cursor()
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise self._no_cursor() from error
        if cursor is not None and cursor.position is not None and not self.is_position(str(cursor.position)):
            raise self._no_cursor()
        return cursor

    def _no_cursor(self) -> ValidationError:
        return ValidationError({self.cursor_query_param: [_("This is no cursor of this list.")]})


class NewestFirst(StrictCursorPagination):
    """By time of creation."""

    ordering: Any = ("-created_at", "-id")

    def is_position(self, text: str) -> bool:
        """A time in UTC."""
        try:
            time = parse_datetime(text)
        except ValueError:
            return False
        # Ours are written in UTC; PostgreSQL refuses some of the offsets that Python takes.
        return time is not None and time.utcoffset() == timedelta()


class BySlug(StrictCursorPagination):
    """By name."""

    ordering: Any = ("slug",)

    def is_position(self, text: str) -> bool:
        """A slug."""
        return re.fullmatch(SLUG_PATTERN, text) is not None
