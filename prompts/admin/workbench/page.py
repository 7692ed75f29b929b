"""The workbench of a prompt type: the editor, the history beside it, and the sandbox below."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prompts import powers
from prompts.admin import version_display
from prompts.admin.version_forms import show_error
from prompts.admin.version_page import active_version
from prompts.admin.version_pages import asking
from prompts.admin.workbench import checks, editor, looks
from prompts.admin.workbench.access import Bench, compared_version, find_kind, find_version, loaded_version
from prompts.admin.workbench.editor import DraftForm
from prompts.admin.workbench.history import View, history
from prompts.admin.workbench.notes import NotePages
from prompts.admin.workbench.sandbox import SandboxPages, sandbox_context
from prompts.exceptions import DomainError
from prompts.models import PromptType, PromptVersion


class WorkbenchPages(NotePages, SandboxPages):
    """Who may look at versions sees it all; writing one takes the power to do so."""

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "prompts_prompttype_workbench"
        return [
            path("<int:identifier>/workbench/", view(self.workbench_view), name=name),
            path("<int:identifier>/workbench/check/", view(self.check_view), name=f"{name}_check"),
            *super().get_urls(),
        ]

    @asking
    def workbench_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """The page; what is sent from its editor becomes a new version, which is not active."""
        kind = find_kind(request, identifier, powers.reads_versions)
        if request.method == "POST":
            return self._save(request, kind)
        active = active_version(kind.slug)
        bench = Bench(kind, active, loaded_version(request, kind, active))
        initial = editor.beginning(kind, bench.loaded)
        form = DraftForm(initial=initial, is_readonly=not powers.writes_versions(request.user))
        return self._bench_page(
            request, bench, form, checks.report(kind, DraftForm(editor.as_sent(form)), bench.loaded)
        )

    @method_decorator(require_POST)
    def check_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """What there is to say about the draft as it stands, as a part of the page."""
        kind = find_kind(request, identifier, powers.writes_versions)
        loaded = find_version(kind, request.POST.get("version", ""))
        told = checks.report(kind, DraftForm(request.POST), loaded)
        context = looks.of_report(kind, told, loaded) | {"is_live": True}
        return TemplateResponse(request, "admin/prompts/workbench/checks.html", context)

    def _save(self, request: HttpRequest, kind: PromptType) -> HttpResponse:
        """Lead to the new version; or show the same page with the errors at their fields, and all that was typed."""
        if not powers.writes_versions(request.user):
            raise PermissionDenied
        form = DraftForm(request.POST)
        if form.is_valid() and (version := self._saved(request, kind, form)):
            return HttpResponseRedirect(version_display.workbench_address(kind, version))
        kind.refresh_from_db(fields=["version_counter"])
        bench = Bench(kind, active_version(kind.slug), find_version(kind, request.POST.get("version", "")))
        told = checks.report(kind, DraftForm(request.POST), bench.loaded)
        return self._bench_page(request, bench, editor.seen_now(form, kind), told)

    def _saved(self, request: HttpRequest, kind: PromptType, form: DraftForm) -> PromptVersion | None:
        """The new version, or None with the errors at their fields."""
        try:
            with transaction.atomic():
                version = editor.save(request, kind, form)
                self.log_addition(request, version, [{"added": {}}])  # type: ignore[arg-type]  # any row has a line there
        except DomainError as error:
            show_error(form, error)
            return None
        text = _("%(version)s was saved. It is not active yet: test it, then activate it.")
        messages.success(request, text % {"version": version_display.number(version)})
        return version

    def _bench_page(self, request: HttpRequest, bench: Bench, form: DraftForm, told: checks.Report) -> HttpResponse:
        kind, active, loaded = bench.kind, bench.active, bench.loaded
        view = View.asked(request.GET, loaded.version_number if loaded else None)
        parts: dict[str, Any] = (
            looks.of_editor(request, bench, form)
            | looks.of_report(kind, told, loaded)
            | looks.of_difference(bench, compared_version(request, kind, active))
            | history(kind, view, active.version_number if active else None)
            | sandbox_context(request, kind, loaded)
        )
        everything = self.admin_site.each_context(request) | {"opts": self.opts} | parts
        return TemplateResponse(request, "admin/prompts/workbench/page.html", everything)
