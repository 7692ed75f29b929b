"""Trying a version out on a file, on the page on which it is tried out on a text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.admin.uploads import ACCEPTED_ALONE
from documents.models.document_file import Priority
from documents.services import storing, trying
from prompts.admin import PromptVersionAdmin
from prompts.admin.version_forms import TrialForm
from prompts.exceptions import InvalidInput
from prompts.models import PromptRequest, PromptVersion
from prompts.rendering import placeholders

#: No placeholder can have this name.
FILE = "the-file"


class FileTrialForm(TrialForm):
    """A value for each placeholder; or a file, whose text fills the one that stays empty."""

    def __init__(self, names: list[str], data: Any = None, files: Any = None) -> None:
        super().__init__(names, data)
        self.files = files or self.files
        self.names = names
        for name in names:
            self.fields[name].required = False
        if names:
            self.fields[FILE] = forms.FileField(
                required=False,
                allow_empty_file=True,
                label=gettext_lazy("Or a file"),
                widget=forms.FileInput(attrs={"accept": ACCEPTED_ALONE}),
                help_text=gettext_lazy(
                    "PDF, PNG, JPEG, TIFF or plain text: its text fills the placeholder that you leave empty."
                ),
            )

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or self.cleaned_data
        # A lone placeholder left empty is a slip; one of several may well be empty.
        if len(self.names) == 1 and not entered.get(self.names[0]) and not entered.get(FILE):
            self.add_error(self.names[0], _("Enter a text, or choose a file."))
        if len(self.names) == 1 and entered.get(self.names[0]) and entered.get(FILE):
            self.add_error(FILE, _("Give either a text or a file."))
        return entered


class FileTrialAdmin(PromptVersionAdmin):
    """Versions, tried out on files too."""

    def trial_form(self, request: HttpRequest, version: PromptVersion) -> FileTrialForm:
        names = list(placeholders(version.template))
        return FileTrialForm(names, request.POST, request.FILES) if request.method == "POST" else FileTrialForm(names)

    def send_trial(self, request: HttpRequest, version: PromptVersion, form: TrialForm) -> PromptRequest:
        file = form.cleaned_data.pop(FILE, None)
        if file is None:
            return super().send_trial(request, version, form)
        try:
            return _send(request, version, file, {name: text for name, text in form.cleaned_data.items() if text})
        except InvalidInput as error:
            raise InvalidInput(error.message, errors=_at_their_fields(error)) from error


def _send(request: HttpRequest, version: PromptVersion, file: Any, variables: dict[str, str]) -> PromptRequest:
    document = storing.add_document(user=request.user, name=file.name, content=file.file, priority=Priority.PERSON)
    return trying.try_document(
        actor=request.user,
        prompt_type=version.prompt_type_id,
        version_number=version.version_number,
        document=document,
        variables=variables,
    )


def _at_their_fields(error: InvalidInput) -> dict[str, Any]:
    return {FILE if name == "file" else name: texts for name, texts in error.errors.items()}


admin.site.unregister(PromptVersion)
admin.site.register(PromptVersion, FileTrialAdmin)
