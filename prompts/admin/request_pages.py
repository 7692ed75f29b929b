"""What the pages of one request and of several have in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.admin.views.main import ChangeList
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from prompts.admin import display
from prompts.admin.base import HistoryAdmin
from prompts.models import PromptRequest

FOLDER = "admin/prompts/promptrequest"


class RequestPages(HistoryAdmin[PromptRequest]):
    """Finding the request that a page is about, and showing the page."""

    def part(self, route: str, view: Any, name: str) -> URLPattern:
        """The address of a page beside Django's own."""
        made: URLPattern = path(route, self.admin_site.admin_view(view), name=f"prompts_promptrequest_{name}")
        return made

    def visible(self, request: HttpRequest, identifier: UUID | str) -> PromptRequest:
        """The request, if its reader may see it. Raises Http404."""
        prompt_request = self.get_object(request, str(identifier))
        if prompt_request is None or not self.has_view_permission(request, prompt_request):
            raise Http404
        return prompt_request

    def page(
        self, request: HttpRequest, name: str, title: str, prompt_request: PromptRequest | None = None, **context: Any
    ) -> HttpResponse:
        """The page of this name, about one request or about none in particular."""
        about = _about(prompt_request) if prompt_request else {}
        shown = self.admin_site.each_context(request) | {"title": title, "opts": self.opts} | about | context
        return TemplateResponse(request, f"{FOLDER}/{name}.html", shown)

    def listed(self, request: HttpRequest) -> ChangeList:
        """The list that the address asks for."""
        return self.get_changelist_instance(request)


def _about(prompt_request: PromptRequest) -> dict[str, Any]:
    return {
        "prompt_request": prompt_request,
        "status": display.status(prompt_request),
        "beginning": display.preview(prompt_request.prompt_text),
    }
