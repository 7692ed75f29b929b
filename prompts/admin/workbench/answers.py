"""The parts of the workbench in which answers appear: fetched again until they are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import replace_url, reswap, retarget, trigger_client_event

from prompts.admin.base import PromptsAdmin, in_words
from prompts.admin.workbench import columns
from prompts.admin.workbench.access import find_kind
from prompts.admin.workbench.columns import Column
from prompts.admin.workbench.targets import SIDES
from prompts.exceptions import DomainError
from prompts.models import PromptRequest, PromptType
from prompts.powers import writes_versions
from prompts.services import drafting, lifecycle, submission

FOLDER = "admin/prompts/workbench"
#: Told to the page when an answer is whole, so that what compares two of them is fetched.
ENDED = "sandbox-ended"


class AnswerPages(PromptsAdmin[PromptType]):
    """Watching tests, cancelling and repeating them, and noting what they have shown."""

    def get_urls(self) -> list[URLPattern]:
        parts: list[tuple[str, str, Any]] = [
            ("answer", "answer/<uuid:test>/", self.answer_view),
            ("cancel", "answer/<uuid:test>/cancel/", self.cancel_view),
            ("again", "answer/<uuid:test>/again/", self.again_view),
            ("test_note", "answer/<uuid:test>/note/", self.test_note_view),
            ("comparison", "comparison/", self.comparison_view),
        ]
        return [*(self.part(*given) for given in parts), *super().get_urls()]

    def part(self, name: str, route: str, view: Callable[..., HttpResponse]) -> URLPattern:
        """The address of a part of the workbench."""
        address, wrapped = f"<int:identifier>/workbench/{route}", self.admin_site.admin_view(view)
        return path(address, wrapped, name=f"prompts_prompttype_workbench_{name}")

    def kind(self, request: HttpRequest, identifier: int) -> PromptType:
        """The type, for who may try versions of it. Raises PermissionDenied and Http404."""
        return find_kind(request, identifier, writes_versions)

    @method_decorator(require_GET)
    def answer_view(self, request: HttpRequest, identifier: int, test: UUID) -> HttpResponse:
        """How far a test is; when it has ended, all of its column."""
        column = self._column(request, identifier, test)
        if column.is_finished:
            return _ended(request, column)
        context = {"answer": columns.progress(column), "is_news": request.GET.get("was") != column.stage}
        return TemplateResponse(request, f"{FOLDER}/answer_progress.html", context)

    @method_decorator(require_POST)
    def cancel_view(self, request: HttpRequest, identifier: int, test: UUID) -> HttpResponse:
        """End a test that still runs. One that has ended meanwhile is shown as it ended."""
        column = self._column(request, identifier, test)
        if not column.is_finished:
            self._cancel(request, column.request)
        return _ended(request, self._column(request, identifier, test))

    @method_decorator(require_POST)
    def again_view(self, request: HttpRequest, identifier: int, test: UUID) -> HttpResponse:
        """Send the same text once more; its answer takes the place of the first one."""
        column = self._column(request, identifier, test)
        original = PromptRequest.objects.select_related("version").get(pk=test)
        try:
            with transaction.atomic():
                sent = drafting.try_again(original, user=request.user)
        except DomainError as error:
            return refused(request, [in_words(error)])
        return shown(request, column.kind, asked(request) | {column.side: str(sent.pk)})

    @method_decorator(require_POST)
    def test_note_view(self, request: HttpRequest, identifier: int, test: UUID) -> HttpResponse:
        """Note on the version that was tried what the test has shown."""
        version: Any = self._column(request, identifier, test).request.version
        if version is None or version.deleted_at is not None:
            raise Http404
        note = request.POST.get("manual_note", "").replace("\r\n", "\n").strip() or None
        try:
            with transaction.atomic():
                lifecycle.annotate_version(version.prompt_type_id, version.version_number, note=note)
                self.log_change(request, version, [{"changed": {"fields": [_("note")]}}])
        except DomainError as error:
            return HttpResponse(in_words(error), content_type="text/plain")
        return HttpResponse(_("The note was saved."), content_type="text/plain")

    @method_decorator(require_GET)
    def comparison_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """What the two answers differ in, once both are there."""
        found = columns.columns(request, self.kind(request, identifier), request.GET)
        context = {"columns": found, "comparison": columns.compared(found)}
        return TemplateResponse(request, f"{FOLDER}/answer_comparison.html", context)

    def _column(self, request: HttpRequest, identifier: int, test: UUID) -> Column:
        """Raises PermissionDenied and Http404."""
        kind = self.kind(request, identifier)
        rows = columns.visible(request, kind)
        row = rows.filter(pk=test).first()
        side = (request.GET if request.method == "GET" else request.POST).get("side", SIDES[0])
        if row is None or side not in SIDES:
            raise Http404
        return Column(side, kind, row, rows)

    def _cancel(self, request: HttpRequest, row: Any) -> None:
        try:
            with transaction.atomic():
                submission.cancel(row.pk)
                self.log_change(request, row, [{"changed": {"fields": ["status"]}}])
        except DomainError:
            # It has ended in this very moment: that is shown.
            return


def shown(request: HttpRequest, kind: PromptType, ids: dict[str, str]) -> HttpResponse:
    """Both columns, with their ids in the address of the page: they are there again when it is loaded again."""
    response = TemplateResponse(
        request, f"{FOLDER}/answers.html", answers_context(request, kind, ids) | {"is_part": True}
    )
    return replace_url(response, address(request, kind, ids))


def answers_context(request: HttpRequest, kind: PromptType, ids: Mapping[str, str]) -> dict[str, Any]:
    """What the columns need that show the tests of these ids, by side."""
    found = columns.columns(request, kind, ids)
    return {
        "kind": kind,
        "answers": columns.contexts(found),
        "columns": found,
        "comparison": columns.compared(found),
        "asked": {column.side: str(column.request.pk) for column in found},
    }


def wants_part(request: HttpRequest) -> bool:
    """Whether a part of the page is asked for, rather than a page."""
    return "HX-Request" in request.headers


def asked(request: HttpRequest) -> dict[str, str]:
    """The ids of the tests on the page that sent this form."""
    return {side: value for side in SIDES if (value := request.POST.get(f"shown-{side}", ""))}


def refused(request: HttpRequest, problems: list[str]) -> HttpResponse:
    """Why nothing was sent, above the answers that are there already."""
    response = TemplateResponse(request, f"{FOLDER}/sandbox_errors.html", {"problems": problems})
    return reswap(retarget(response, "#sandbox-errors"), "innerHTML")


def _ended(request: HttpRequest, column: Column) -> HttpResponse:
    response = TemplateResponse(request, f"{FOLDER}/answer_body.html", {"answer": columns.ending(column)})
    trigger_client_event(response, ENDED)
    return reswap(retarget(response, f"#{column.id}-body"), "innerHTML")


def address(request: HttpRequest, kind: PromptType, ids: dict[str, str]) -> str:
    """Of the page of the workbench with these tests."""
    page = reverse("admin:prompts_prompttype_workbench", args=[kind.pk])
    version = request.POST.get("version", "")
    query = QueryDict(mutable=True)
    query.update(({"version": version} if version.isdigit() else {}) | ids)
    return f"{page}?{query.urlencode()}"
