"""The schema and the pages that show it, with their scripts and fonts from this server only."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView


class TokenScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    """The one way in that the schema names; a session of the browser works as well, without being asked for."""

    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """As in the base class, with where a token comes from."""
        definition: dict[str, Any] = super().get_security_definition(auto_schema)  # type: ignore[no-untyped-call]
        return {**definition, "description": "Paste an access token: get one from POST /api/token/."}


class SchemaView(SpectacularAPIView):
    """OpenAPI 3, as YAML or JSON."""


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI."""

    template_name = "docs/swagger.html"


# Redoc makes its styles and its search worker at run time.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE], "worker-src": [SELF, "blob:"]}), name="dispatch")
class RedocView(SpectacularRedocView):
    """Redoc."""

    template_name = "docs/redoc.html"
