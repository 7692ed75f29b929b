"""The page on which a new version is written."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from prompts import powers
from prompts.admin import version_display
from prompts.admin.version_forms import VersionForm, show_error
from prompts.admin.version_pages import VersionPages, as_fieldset, asking, to_version
from prompts.exceptions import DomainError
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle
from prompts.services.inputs import in_braces, is_storable

#: What of a version a draft begins with.
DRAFTED = ("template", "model", "parameters", "field_schema")


class DraftPages(VersionPages):
    """Adding a version, from nothing or from another one."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return powers.writes_versions(request.user)

    @asking
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; once what is entered can be used, the new version."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        source = self._source(request)
        form = VersionForm(request.POST or None, initial=_beginning(request, source))
        if request.method == "POST" and (version := self._saved(request, form)):
            return to_version(version)
        return self._form_page(request, form, source)

    def _source(self, request: HttpRequest) -> PromptVersion | None:
        """The version that is loaded as a draft, a deleted one too. Raises Http404."""
        if (identifier := request.GET.get("from")) is None:
            return None
        version = self.get_object(request, identifier)
        if version is None:
            raise Http404
        return version

    def _saved(self, request: HttpRequest, form: VersionForm) -> PromptVersion | None:
        """The new version, or None with the errors at their fields."""
        if not form.is_valid():
            return None
        try:
            with transaction.atomic():
                version = _create(request, form.cleaned_data)
                self.log_addition(request, version, [{"added": {}}])
        except DomainError as error:
            show_error(form, error)
            return None
        text = _("%(version)s was saved. It is not active yet: test it, then activate it.")
        messages.success(request, text % {"version": version_display.number(version)})
        return version

    def _form_page(self, request: HttpRequest, form: VersionForm, source: PromptVersion | None) -> HttpResponse:
        chosen = form["prompt_type"].value()
        context = self.admin_site.each_context(request) | {
            "title": _("New version"),
            "form": form,
            "fieldset": as_fieldset(form),
            "source": source,
            "source_name": version_display.number(source) if source else "",
            "rules": _rules(str(chosen or "")),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/prompts/promptversion/draft.html", context)


def _beginning(request: HttpRequest, source: PromptVersion | None) -> dict[str, Any]:
    if source is None:
        return {"prompt_type": request.GET.get("prompt_type", "")}
    return {"prompt_type": source.prompt_type_id} | {name: getattr(source, name) for name in DRAFTED}


def _create(request: HttpRequest, entered: dict[str, Any]) -> PromptVersion:
    return lifecycle.create_version(
        prompt_type=entered["prompt_type"].slug,
        template=entered["template"],
        actor=request.user,
        model=entered["model"],
        parameters=entered["parameters"],
        field_schema=entered["field_schema"],
        manual_note=entered["manual_note"] or None,
    )


def _rules(slug: str) -> list[str]:
    """What the type demands of a template, in words; nothing while none is chosen."""
    kind = PromptType.objects.filter(slug=slug).first() if is_storable(slug) else None
    if kind is None:
        return []
    rules = [_("At most %(limit)d characters.") % {"limit": kind.max_template_length}]
    if kind.required_placeholders:
        rules.append(_("It must have %(placeholders)s.") % {"placeholders": in_braces(kind.required_placeholders)})
    return rules
