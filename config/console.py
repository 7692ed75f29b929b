"""The site of the staff: Django's admin, with our name and without what must not be looked at."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from config import places


class Console(AdminSite):
    """The stock admin site."""

    site_title = "AI Prompt Manager"
    site_header = "AI Prompt Manager"
    index_title = _("Overview")
    site_url = "/api/docs/"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        # Not above: the pages of the apps are registered with this site.
        from config import home

        return super().index(request, home.figures(request) | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        from config import operations
        from prompts.admin.operations.page import OperationsPages

        return [*OperationsPages(self, operations.parts).urls(), *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        return places.in_order(super().get_app_list(request, app_label))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        apps = context["available_apps"]
        return context | {
            "main_places": places.main_places(request, apps),
            "other_places": places.other_places(request, apps),
            "token_place": places.token_place(request, apps),
        }
