"""The schema and the pages that show it, with their scripts and fonts from this server only."""

from __future__ import annotations

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView


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
