"""What the pages about documents share: who reaches them, how they look, and how a refusal is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.admin.base import HistoryAdmin, ReadOnlyAdmin, in_words, sees_all
from prompts.admin.filters import UserFilter
from prompts.admin.version_forms import show_error
from prompts.admin.version_pages import as_fieldset
from prompts.exceptions import DomainError

MODEL = TypeVar("MODEL", bound=Model)
RESULT = TypeVar("RESULT")


class DocumentsAdmin(ReadOnlyAdmin[MODEL]):
    """Lists and pages of what only services write."""

    fields = ()
    actions: Any = None
    sortable_by = ()

    class Media:
        css = {"all": ["documents/admin.css"]}

    def visible(self, request: HttpRequest, identifier: object) -> MODEL:
        """The row, if its reader may see it. Raises PermissionDenied and Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(identifier))
        if row is None:
            raise Http404
        return row

    def address(self, row: Model) -> str:
        """Where the page of a row is."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def name_of(self, row: MODEL) -> str:
        """What a row is called where a page says which way it lies."""
        return str(row)

    def page(
        self, request: HttpRequest, name: str, title: str, row: MODEL | None = None, **context: Any
    ) -> HttpResponse:
        """The page `name` of this app, about `row` if there is one."""
        shared: dict[str, Any] = {
            "title": title,
            "subtitle": None,
            "row": row,
            "row_name": self.name_of(row) if row else "",
            "back": self.address(row)
            if row
            else reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
            "opts": self.opts,
            "media": self.media,
        }
        if isinstance(form := context.get("form"), forms.BaseForm):
            shared["fieldset"] = as_fieldset(form)
        everything = self.admin_site.each_context(request) | shared | context
        return TemplateResponse(request, f"admin/documents/{name}.html", everything)

    def ask(
        self, request: HttpRequest, row: MODEL, title: str, question: str, *, is_danger: bool = False
    ) -> HttpResponse:
        """A page that asks `question` and sends the answer back to its own address."""
        return self.page(request, "confirmation", title, row, question=question, is_danger=is_danger)

    def carry_out(self, request: HttpRequest, row: MODEL, action: Callable[[], str]) -> HttpResponse:
        """Do `action` and tell, on the page of the row, what it returns; or why it was refused."""
        try:
            with transaction.atomic():
                messages.success(request, action())
                self.log_change(request, row, [{"changed": {"fields": ["state"]}}])
        except DomainError as error:
            messages.error(request, in_words(error))
        return HttpResponseRedirect(self.address(row))


class OwnedAdmin(DocumentsAdmin[MODEL], HistoryAdmin[MODEL]):
    """Each row is somebody's own; `system.manage_all` sees all."""

    owner = "user"
    lookups = frozenset({"user__exact"})
    users_filter = (("user", UserFilter),)

    @property
    def media(self) -> forms.Media:
        """With what the filter by user needs."""
        return super().media + AutocompleteSelect(self.opts.get_field("user"), self.admin_site).media

    def get_list_filter(self, request: HttpRequest) -> Any:
        is_told_apart = sees_all(request) and request.user.has_perm("system.view_user")
        return (*self.list_filter, *(self.users_filter if is_told_apart else ()))


def sees_documents(request: HttpRequest, owner_id: int) -> bool:
    """Whether what somebody has brought in is open to the one who asks, on its own page."""
    is_own = owner_id == request.user.pk and request.user.has_perm("documents.view_document")
    return sees_all(request) or is_own


def sent(request: HttpRequest) -> dict[str, Any]:
    """What a form is bound to: nothing unless it was sent."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def accepted(form: forms.Form, service: Callable[[], RESULT]) -> RESULT | None:
    """What `service` returns, in one transaction; None with the errors in the form, also where that is not valid."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return service()
    except DomainError as error:
        show_error(form, error)
        return None


def refusals(request: HttpRequest, refused: list[tuple[str, str]], most: int = 10) -> None:
    """Tell which files were not taken and why: the first `most`, and how many more there are.

    Names are isolated: Django's page of messages makes their first letter a capital otherwise.
    """
    for name, reason in refused[:most]:
        messages.warning(request, _("%(name)s: %(reason)s") % {"name": display.isolated(name), "reason": reason})
    if len(refused) > most:
        left = len(refused) - most
        messages.warning(request, _("Files that were not taken either: %(number)d") % {"number": left})
