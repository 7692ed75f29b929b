"""What the view sets of documents have in common."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model
from rest_framework.request import Request

from documents.api.uploads import PARSERS, UploadMixin, content_of
from prompts.api.viewsets import ActionViewSet

Row = TypeVar("Row", bound=Model)


class UploadViewSet(UploadMixin, ActionViewSet[Row]):
    """A view set whose actions take JSON as in `bodies`, and forms as in `forms`."""

    parser_classes = PARSERS

    def get_serializer_class(self) -> Any:
        """The shape of what the action takes or, where it takes nothing, gives."""
        return self.form_of(self.request, self.action) or super().get_serializer_class()

    def validated(self, request: Request) -> dict[str, Any]:
        """The body in the action's shape. Raises ValidationError."""
        serializer = self.get_serializer(data=content_of(request))
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values
