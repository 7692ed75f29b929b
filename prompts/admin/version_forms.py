"""The forms of the pages about versions. The services check what is entered; their errors are shown at the fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prompts.admin.base import in_words
from prompts.admin.fields import JSONObject, Lines, TypeChoice
from prompts.exceptions import DomainError
from prompts.models.prompt_version import MAX_NOTE_LENGTH
from prompts.services.inputs import in_braces
from prompts.services.lifecycle import MAX_REASON_LENGTH

#: The names of the services for fields that forms name otherwise.
SERVICE_NAMES = {
    "promptType": "prompt_type",
    "fieldSchema": "field_schema",
    "manualNote": "manual_note",
    "bypassReason": "bypass_reason",
}


class VersionForm(forms.Form):
    """A new version of a type."""

    prompt_type = TypeChoice(label=_("Prompt type"))
    template = Lines(
        rows=20,
        label=_("Template"),
        help_text=_("What is asked. A name in double braces, such as {{input}}, is replaced by what a request brings."),
    )
    model = forms.CharField(
        required=False,
        max_length=200,
        label=_("Model"),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"}),
        help_text=_("Instead of the type's default; may stay empty."),
    )
    parameters = JSONObject(rows=4, label=_("Parameters"), help_text=_("A JSON object; may stay empty."))
    field_schema = JSONObject(
        rows=8, label=_("Field schema"), help_text=_("JSON Schema of the expected answer; may stay empty.")
    )
    manual_note = Lines(
        rows=3,
        required=False,
        max_length=MAX_NOTE_LENGTH,
        label=_("Note"),
        help_text=_("What is new in this version, for example. It can be changed later."),
    )


class NoteForm(forms.Form):
    """The note on a version."""

    manual_note = Lines(rows=6, required=False, max_length=MAX_NOTE_LENGTH, label=_("Note"))


class ActivationForm(forms.Form):
    """`replaced` is the number of the version that the reader was shown the differences to, if there was one."""

    replaced = forms.IntegerField(required=False, widget=forms.HiddenInput)
    bypass_reason = Lines(
        rows=3,
        required=False,
        max_length=MAX_REASON_LENGTH,
        label=_("Reason for activating without a review"),
        help_text=_("It is recorded in the audit log with your name."),
    )


class TrialForm(forms.Form):
    """A value for each placeholder of a template."""

    prefix = "value"

    def __init__(self, names: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        for name in names:
            # A lone placeholder left empty is a slip; one of several may well be empty.
            self.fields[name] = Lines(
                rows=10 if len(names) == 1 else 4, required=len(names) == 1, label=in_braces([name])
            )


def show_error(form: forms.BaseForm, error: DomainError) -> None:
    """Put what a service refused where its reader looks for it."""
    for service_name, texts in error.errors.items():
        name = SERVICE_NAMES.get(service_name, service_name)
        form.add_error(name if name in form.fields else None, [str(text) for text in texts])
    if not error.errors:
        form.add_error(None, in_words(error))
