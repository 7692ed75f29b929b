"""Prompt types: the list and the form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from prompts.admin.base import PromptsAdmin, sees_all
from prompts.exceptions import DomainError, InvalidInput
from prompts.models import PromptType
from prompts.services import inputs, types

if TYPE_CHECKING:
    TypeModelForm = forms.ModelForm[PromptType]
else:
    TypeModelForm = forms.ModelForm


class PromptTypeForm(TypeModelForm):
    """Refuses, field by field, the defaults that no request could use."""

    class Meta:
        model = PromptType
        fields = ("slug", "label", "description", "default_model", "default_parameters", "is_active")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField", "dir": "auto"}),
            "default_parameters": forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField", "dir": "ltr"}),
            "default_model": forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"}),
        }

    def clean_default_parameters(self) -> dict[str, Any]:
        parameters = self.cleaned_data["default_parameters"] or {}
        if not isinstance(parameters, dict):
            raise forms.ValidationError(
                _("Write a JSON object, for example %(sample)s.") % {"sample": '{"temperature": 0.2}'}
            )
        return parameters

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        try:
            self._check_defaults()
        except InvalidInput as error:
            for field, texts in error.errors.items():
                self.add_error(field, [str(text) for text in texts])
        return cleaned

    def _check_defaults(self) -> None:
        alias = ""
        if model := self.cleaned_data.get("default_model"):
            alias, self.cleaned_data["default_model"] = inputs.resolve_model(model, field="default_model")
        options = self.cleaned_data.get("default_parameters", {})
        inputs.check_options(options, alias=alias, field="default_parameters")


@admin.register(PromptType)
class PromptTypeAdmin(PromptsAdmin[PromptType]):
    """Types in use are switched off, not deleted."""

    form = PromptTypeForm
    fields = PromptTypeForm.Meta.fields
    list_display = ("slug", "label", "default_model", "is_active", "updated_at")
    list_filter = ("is_active",)
    lookups = frozenset({"is_active__exact"})
    search_fields = ("slug", "label")
    actions = None

    def save_model(self, request: HttpRequest, obj: PromptType, form: Any, change: bool) -> None:
        save = partial(types.change_type, obj.slug) if change else types.create_type
        saved = save(**form.cleaned_data)
        obj.pk, obj._state.adding = saved.pk, False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as error:
            # The form was right when it was checked, and another was faster.
            messages.error(request, f"{error.user_message} {error.message}")
            return HttpResponseRedirect(request.get_full_path())

    def get_readonly_fields(self, request: HttpRequest, obj: PromptType | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return sees_all(request) or super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: PromptType | None = None) -> bool:
        return sees_all(request) or super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: PromptType | None = None) -> bool:
        allowed = sees_all(request) or super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.requests.exists())
