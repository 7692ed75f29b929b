"""Pages of lists, in the form of this part of the API."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from prompts.api.pagination import NewestFirst


class DataPages(NewestFirst):
    """Newest first; the rows stand in `data`, as in every answer here."""

    def get_paginated_response(self, data: Any) -> Response:
        """The page with the addresses of its neighbours."""
        return Response({"data": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """As in the base class, in this form."""
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        properties = described["properties"]
        properties["data"] = properties.pop("results")
        return described | {"required": ["data", "next", "previous"]}
