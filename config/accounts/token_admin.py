"""API tokens in the console: everybody's own; `system.manage_all` sees and revokes those of all."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.accounts import looks, tokens
from config.models import ApiToken, User
from config.models.api_token import MAX_NAME_LENGTH
from prompts.admin import display
from prompts.admin.base import HistoryAdmin, sees_all
from prompts.admin.version_forms import show_error
from prompts.admin.version_pages import as_fieldset, asking
from prompts.exceptions import DomainError

PAGE = "admin:system_apitoken"


class NewTokenForm(forms.Form):
    """What the token is for, and how long it lives."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME_LENGTH,
        strip=True,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off", "dir": "auto"}),
        help_text=gettext_lazy("What it is for, such as “nightly import”."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until it expires"),
        min_value=tokens.LEAST_DAYS,
        max_value=tokens.MOST_DAYS,
        initial=tokens.USUAL_DAYS,
        widget=forms.NumberInput(attrs={"class": "vIntegerField"}),
    )


class ApiTokenAdmin(HistoryAdmin[ApiToken]):
    """A list with two things to do: create one, which is shown once, and revoke one."""

    owner = "user"
    lookups = frozenset({"user__exact"})
    search_fields = ("name", "beginning", "user__username")
    search_help_text = gettext_lazy("The name of the token or its user, or how the token begins")
    list_select_related = ("user",)
    sortable_by = ()
    actions = None
    fields = ("title", "user", "start", "state", "created", "expires", "used", "revoked")
    readonly_fields = fields
    change_form_template = "admin/system/apitoken/change_form.html"

    def get_list_display(self, request: HttpRequest) -> Any:
        whose = ("user",) if sees_all(request) else ()
        return ("title", *whose, "state", "start", "created", "expires", "used")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [path("<uuid:identifier>/revoke/", view, name="system_apitoken_revoke"), *super().get_urls()]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return request.user.is_active

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    @admin.display(description=gettext_lazy("name"))
    def title(self, row: ApiToken) -> str:
        return row.name

    @admin.display(description=gettext_lazy("beginning"))
    def start(self, row: ApiToken) -> SafeString:
        return looks.beginning(row)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: ApiToken) -> SafeString:
        return looks.state(row)

    @admin.display(description=gettext_lazy("created at"))
    def created(self, row: ApiToken) -> SafeString | None:
        return display.moment(row.created_at)

    @admin.display(description=gettext_lazy("expires at"))
    def expires(self, row: ApiToken) -> SafeString | None:
        return display.moment(row.expires_at)

    @admin.display(description=gettext_lazy("last used at"))
    def used(self, row: ApiToken) -> SafeString | str:
        return display.moment(row.last_used_at) or _("Never")

    @admin.display(description=gettext_lazy("revoked at"))
    def revoked(self, row: ApiToken) -> SafeString | None:
        return display.moment(row.revoked_at)

    def context_of(self, request: HttpRequest, row: ApiToken) -> dict[str, Any]:
        return {"token": row, "can_be_revoked": row.revoked_at is None}

    @asking
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; once what is entered can be used, the token, which only this one answer shows."""
        form = NewTokenForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and (new := self._created(request, form)):
            return self._page(request, "created", _("Your new API token"), new=new)
        return self._page(request, "form", _("New API token"), form=form, fieldset=as_fieldset(form))

    def _created(self, request: HttpRequest, form: NewTokenForm) -> tokens.NewToken | None:
        """The new token, or None with the errors at their fields."""
        if not form.is_valid():
            return None
        try:
            with transaction.atomic():
                new = tokens.create(user=cast(User, request.user), actor=request.user, **form.cleaned_data)
                self.log_addition(request, new.row, [{"added": {}}])
        except DomainError as error:
            show_error(form, error)
            return None
        return new

    @asking
    def revoke_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """End a token, once its reader has confirmed that. Raises Http404 for those of others."""
        row = self.get_object(request, str(identifier))
        if row is None:
            raise Http404
        if request.method != "POST":
            return self._page(request, "revocation", _("Revoke the token"), row)
        with transaction.atomic():
            tokens.revoke(row.pk, actor=request.user)
            self.log_change(request, row, [{"changed": {"fields": ["revoked_at"]}}])
        messages.success(
            request, _("The token “%(name)s” was revoked. It opens nothing any more.") % {"name": row.name}
        )
        return HttpResponseRedirect(reverse(f"{PAGE}_changelist"))

    def _page(
        self, request: HttpRequest, name: str, title: str, row: ApiToken | None = None, **context: Any
    ) -> HttpResponse:
        """The page `name` about tokens, which nothing between here and the browser may keep."""
        address = reverse(f"{PAGE}_change", args=[row.pk]) if row else reverse(f"{PAGE}_changelist")
        shared = {"title": title, "token": row, "back": address, "opts": self.opts, "subtitle": None}
        everything = self.admin_site.each_context(request) | shared | context
        return TemplateResponse(
            request, f"admin/system/apitoken/{name}.html", everything, headers={"Cache-Control": "no-store"}
        )
