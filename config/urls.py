"""Every path of the server."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from config import problems
from config.accounts.api import ApiTokenViewSet
from config.accounts.languages import set_language
from config.apps import load_console
from config.auditing.api import AuditViewSet, ChainStateView
from config.documentation import RedocView, SchemaView, SwaggerView
from config.health import healthz, metrics, readyz
from config.problems import Problem
from config.tokens import TokenRefreshView, TokenVerifyView, TokenView
from prompts.api.routing import endpoint


@csrf_exempt
def unknown_route(request: HttpRequest) -> HttpResponse:
    """404 as JSON, also while DEBUG shows pages of its own."""
    return problems.respond(request, Problem(404, _("There is nothing at this address.")))


load_console()

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"

# The framework's login page has one style attribute; everything else of it holds under the policy.
browsable_login = [
    path(
        "login/",
        csp_update({"style-src-attr": [UNSAFE_INLINE]})(LoginView.as_view(template_name="rest_framework/login.html")),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    endpoint("healthz", healthz, "healthz"),
    endpoint("readyz", readyz, "readyz"),
    endpoint("metrics", metrics, "metrics"),
    endpoint("api/token/", TokenView.as_view(), "token"),
    endpoint("api/token/refresh/", TokenRefreshView.as_view(), "token-refresh"),
    endpoint("api/token/verify/", TokenVerifyView.as_view(), "token-verify"),
    endpoint("api/tokens/", ApiTokenViewSet.as_view({"get": "list", "post": "create"}, name=_("API tokens")), "tokens"),
    endpoint("api/tokens/<request_id:token_id>", ApiTokenViewSet.as_view({"delete": "destroy"}), "api-token"),
    path("api/ai/", include("prompts.api.urls")),
    path("api/ai/", include("documents.api.urls")),
    endpoint("api/audit/", AuditViewSet.as_view({"get": "list"}, name=_("Audit log")), "audit"),
    endpoint("api/audit/state", ChainStateView.as_view(), "audit-state"),
    endpoint("api/schema/", SchemaView.as_view(), "schema"),
    endpoint("api/docs/", SwaggerView.as_view(), "docs"),
    endpoint("api/redoc/", RedocView.as_view(), "redoc"),
    re_path(r"^api(?:/.*)?$", unknown_route, name="unknown-route"),
    path("api-auth/", include((browsable_login, "rest_framework"))),
    path("i18n/setlang/", set_language, name="set_language"),
    path("admin", RedirectView.as_view(pattern_name="admin:index"), name="admin-home"),
    path("admin/", admin.site.urls),
]
