"""What the view sets have in common."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from prompts.api.filters import StrictFilterBackend

Row = TypeVar("Row", bound=Model)


class ActionViewSet(GenericViewSet[Row]):
    """A view set whose actions name the shapes of their bodies in `bodies`; any other shows `serializer_class`."""

    bodies: ClassVar[dict[str, type[BaseSerializer[Any]]]] = {}
    filter_backends = [StrictFilterBackend]

    def get_serializer_class(self) -> Any:
        """The shape of what the action takes or, where it takes nothing, gives."""
        return self.bodies.get(self.action, self.serializer_class)

    def validated(self, request: Request) -> dict[str, Any]:
        """The body in the action's shape. Raises ValidationError."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values
