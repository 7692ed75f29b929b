"""The editor: what is typed in, and how it becomes a new version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prompts.admin.version_forms import VersionForm
from prompts.exceptions import Conflict
from prompts.models import PromptType, PromptVersion
from prompts.services import lifecycle
from providers import registry

#: What of a version the editor begins with.
LOADED = ("template", "model", "parameters", "field_schema")
MODELS_LIST = "known-models"


class NewerVersion(Conflict):
    """Somebody saved a version after the editor was opened."""

    user_message = gettext_lazy("Another version was saved in the meantime.")


class DraftForm(VersionForm):
    """A version of the type whose workbench it is.

    `version` is the number of the one that was loaded, `seen` that of the newest one at that time.
    """

    prompt_type = None  # type: ignore[assignment]  # Django's way to leave out a field of the class above
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_readonly: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["template"].widget.attrs |= {"spellcheck": "true"}
        self.fields["model"].widget.attrs |= {"list": MODELS_LIST, "autocomplete": "off", "spellcheck": "false"}
        for name in ("parameters", "field_schema"):
            self.fields[name].widget.attrs["spellcheck"] = "false"
        if is_readonly:
            for field in self.fields.values():
                field.widget.attrs["readonly"] = True

    def draft(self, kind: PromptType) -> PromptVersion:
        """What was entered as a version that isn't stored; what can't be read is as if it were empty."""
        read = getattr(self, "cleaned_data", {})
        return PromptVersion(
            prompt_type=kind,
            template=read.get("template") or "",
            model=read.get("model") or "",
            parameters=read.get("parameters") or {},
            field_schema=read.get("field_schema"),
            manual_note=read.get("manual_note") or None,
        )


def beginning(kind: PromptType, version: PromptVersion | None) -> dict[str, Any]:
    """What the editor holds when it is opened with a version, or with none."""
    seen = {"seen": kind.version_counter}
    if version is None:
        return seen
    return seen | {"version": version.version_number} | {name: getattr(version, name) for name in LOADED}


def as_sent(form: DraftForm) -> dict[str, Any]:
    """What an editor holds that nobody has changed, as a browser would send it."""
    return {field.html_name: field.value() for field in form}


def seen_now(form: DraftForm, kind: PromptType) -> DraftForm:
    """The form as it was sent, by somebody who is told now which version is the newest."""
    told: Any = form.data
    told = told.copy()
    told["seen"] = str(kind.version_counter)
    form.data = told
    return form


def save(request: HttpRequest, kind: PromptType, form: DraftForm) -> PromptVersion:
    """The new version. Call it in a transaction, which a refusal has to undo.

    Raises NewerVersion where another one was saved since the editor was opened, and what `create_version` raises.
    """
    draft = form.draft(kind)
    version = lifecycle.create_version(
        prompt_type=kind.slug,
        template=draft.template,
        actor=request.user,
        model=draft.model,
        parameters=draft.parameters,
        field_schema=draft.field_schema,
        manual_note=draft.manual_note,
    )
    # Under the lock of the type's row, so of two who save at once one is told.
    if version.version_number - 1 != form.cleaned_data["seen"]:
        raise NewerVersion(_("Look at what is new there, then save again if yours is still what you want."))
    return version


def known_models() -> list[str]:
    """Names to choose from; those of servers that tell theirs only when they are asked are left out."""
    return [model.name for model in registry.available_models() if not model.name.endswith("*")]
