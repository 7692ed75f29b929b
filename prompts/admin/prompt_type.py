"""Prompt types: the list and the form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, OuterRef, PositiveIntegerField, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prompts import powers
from prompts.admin import display, version_display
from prompts.admin.base import in_words, sees_all, sees_versions
from prompts.admin.fields import JSONObject, Names, lines_attrs
from prompts.admin.version_forms import show_error
from prompts.admin.version_page import active_version
from prompts.admin.workbench.page import WorkbenchPages
from prompts.exceptions import DomainError, InvalidInput
from prompts.models import PromptType, PromptVersion
from prompts.services import inputs, types

if TYPE_CHECKING:
    TypeModelForm = forms.ModelForm[PromptType]
else:
    TypeModelForm = forms.ModelForm


class PromptTypeForm(TypeModelForm):
    """Refuses, field by field, the rules that no version and the defaults that no request could use."""

    default_parameters = JSONObject(
        rows=8, label=gettext_lazy("Default parameters"), help_text=gettext_lazy("A JSON object; may stay empty.")
    )
    required_placeholders = Names(
        required=False,
        label=gettext_lazy("Required placeholders"),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"}),
        help_text=gettext_lazy("Names that each template of this type must have in double braces."),
    )

    class Meta:
        model = PromptType
        fields = (
            *("slug", "label", "description", "default_model", "default_parameters", "is_active"),
            *("required_placeholders", "max_template_length", "requires_review"),
            *("keep_texts_days", "keep_facts_days"),
        )
        widgets = {
            "description": forms.Textarea(attrs=lines_attrs(4)),
            "default_model": forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"}),
        }

    def clean_default_parameters(self) -> dict[str, Any]:
        return self.cleaned_data["default_parameters"] or {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for check in (self._check_defaults, self._check_placeholders, self._check_terms):
            try:
                check()
            except InvalidInput as error:
                show_error(self, error)
        return cleaned

    def _check_placeholders(self) -> None:
        types.check_placeholders(self.cleaned_data.get("required_placeholders", []))

    def _check_terms(self) -> None:
        types.check_terms(self.cleaned_data.get("keep_texts_days"), self.cleaned_data.get("keep_facts_days"))

    def _check_defaults(self) -> None:
        alias = ""
        if model := self.cleaned_data.get("default_model"):
            alias, self.cleaned_data["default_model"] = inputs.resolve_model(model, field="default_model")
        options = self.cleaned_data.get("default_parameters", {})
        inputs.check_options(options, alias=alias, field="default_parameters")


class WorkbenchList(ChangeList):
    """A list whose rows lead to workbenches."""

    def url_for_result(self, result: Model) -> str:
        return version_display.workbench_address(cast(PromptType, result))


@admin.register(PromptType)
class PromptTypeAdmin(WorkbenchPages):
    """Types in use are switched off, not deleted. The list leads to their workbenches."""

    form = PromptTypeForm
    fieldsets = (
        (None, {"fields": ("slug", "label", "description", "is_active")}),
        (gettext_lazy("Requests"), {"fields": ("default_model", "default_parameters")}),
        (gettext_lazy("Versions"), {"fields": ("required_placeholders", "max_template_length", "requires_review")}),
        (gettext_lazy("Retention"), {"fields": ("keep_texts_days", "keep_facts_days")}),
    )
    list_display = ("slug", "label", "version_in_use", "default_model", "is_active", "updated")
    list_filter = ("is_active",)
    lookups = frozenset({"is_active__exact"})
    search_fields = ("slug", "label")
    actions = None

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Whole numbers begin at 1 here; unless it is told so, a form says that 0 is enough."""
        least = {"min_value": 1} if isinstance(db_field, PositiveIntegerField) else {}
        return super().formfield_for_dbfield(db_field, request, **least, **kwargs)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.list_display, "settings") if sees_versions(request) else self.list_display

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WorkbenchList if sees_versions(request) else ChangeList

    def save_model(self, request: HttpRequest, obj: PromptType, form: Any, change: bool) -> None:
        save = partial(types.change_type, obj.slug) if change else types.create_type
        saved = save(**form.cleaned_data, actor=request.user)
        obj.pk, obj._state.adding = saved.pk, False

    def delete_model(self, request: HttpRequest, obj: PromptType) -> None:
        types.delete_type(obj.slug, actor=request.user)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            # The form was right when it was checked, and another was faster.
            messages.error(request, in_words(error))
            return HttpResponseRedirect(request.get_full_path())

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            # It was not in use when its reader was asked.
            messages.error(request, in_words(error))
            return HttpResponseRedirect(reverse("admin:prompts_prompttype_change", args=[object_id]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptType]:
        active = PromptVersion.objects.filter(prompt_type=OuterRef("slug"), is_active=True)
        return super().get_queryset(request).annotate(active_number=Subquery(active.values("version_number")))

    @admin.display(description=gettext_lazy("active version"))
    def version_in_use(self, kind: PromptType) -> str | None:
        number = getattr(kind, "active_number", None)
        return version_display.numbered(number) if number else None

    @admin.display(description=gettext_lazy("updated at"), ordering="updated_at")
    def updated(self, kind: PromptType) -> SafeString | None:
        return display.moment(kind.updated_at)

    @admin.display(description=gettext_lazy("settings"))
    def settings(self, kind: PromptType) -> SafeString:
        address = reverse("admin:prompts_prompttype_change", args=[kind.pk])
        label = _("Settings of %(type)s") % {"type": kind.label}
        return format_html('<a href="{}" aria-label="{}">{}</a>', address, label, _("Settings"))

    def context_of(self, request: HttpRequest, row: PromptType) -> dict[str, Any]:
        if not sees_versions(request):
            return {}
        active = active_version(row.slug)
        return {
            "versions_address": version_display.versions_address(row.slug),
            "active_link": version_display.link(active) if active else None,
            "workbench_address": version_display.workbench_address(row),
            "manages": sees_all(request),
            "writes": powers.writes_versions(request.user),
        }

    def get_readonly_fields(self, request: HttpRequest, obj: PromptType | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return sees_versions(request) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: PromptType | None = None) -> bool:
        return sees_versions(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return sees_all(request) or super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: PromptType | None = None) -> bool:
        return sees_all(request) or super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: PromptType | None = None) -> bool:
        allowed = sees_all(request) or super().has_delete_permission(request, obj)
        return allowed and (obj is None or not _is_used(obj))


def _is_used(kind: PromptType) -> bool:
    return kind.versions.exists() or kind.requests.exists()
