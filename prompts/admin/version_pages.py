"""What the pages about one version share: who reaches them, how they look, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from prompts import powers
from prompts.admin import version_display
from prompts.admin.base import ReadOnlyAdmin, in_words
from prompts.exceptions import DomainError, NotFound
from prompts.models import PromptVersion

#: Each page asks with GET, and does it with POST.
asking = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))


class VersionPages(ReadOnlyAdmin[PromptVersion]):
    """What may be done with versions, each with the power that it takes (prompts/powers.py)."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return powers.reads_versions(request.user)

    def has_view_permission(self, request: HttpRequest, obj: PromptVersion | None = None) -> bool:
        return powers.reads_versions(request.user)

    def work_on(
        self,
        request: HttpRequest,
        identifier: object,
        view: Callable[[HttpRequest, PromptVersion], HttpResponse],
        *,
        power: Callable[[Any], bool],
    ) -> HttpResponse:
        """What `view` answers for the version to who has `power`; a refusal is told on the version's own page.

        Raises PermissionDenied and Http404.
        """
        if not power(request.user):
            raise PermissionDenied
        version = self.get_object(request, str(identifier))
        if version is None:
            raise Http404
        try:
            _check_is_there(version)
            return view(request, version)
        except DomainError as error:
            messages.error(request, in_words(error))
        return to_version(version)

    def page(self, request: HttpRequest, version: PromptVersion, name: str, title: str, **context: Any) -> HttpResponse:
        """The page `name` of a version."""
        shared = {
            "title": title,
            "version": version,
            "version_name": version_display.number(version),
            "state": version_display.state(version),
            "back": version_display.address(version),
            "opts": self.opts,
        }
        everything = self.admin_site.each_context(request) | shared | context
        return TemplateResponse(request, f"admin/prompts/promptversion/{name}.html", everything)


def _check_is_there(version: PromptVersion) -> None:
    if version.deleted_at is not None:
        raise NotFound(_("It was deleted."), user_message=_("Nothing can be done with this version any more."))


def to_version(version: PromptVersion) -> HttpResponse:
    """Lead to the page of a version."""
    return HttpResponseRedirect(version_display.address(version))


def as_fieldset(form: Any) -> helpers.AdminForm:
    """What can be seen of a form, in the look of Django's own pages."""
    return helpers.AdminForm(form, [(None, {"fields": [field.name for field in form.visible_fields()]})], {})
