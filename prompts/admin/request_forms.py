"""What is asked before a request is sent again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from prompts.admin import version_display
from prompts.admin.workbench.editor import MODELS_LIST, known_models
from prompts.models import PromptRequest, PromptVersion
from prompts.services.submission import ReplayOptions

#: The newest ones; of more nobody chooses from a list.
MOST_VERSIONS = 200


class ReplayForm(forms.Form):
    """With which version and which model; what is left as it is, is sent as it was."""

    version_number = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label=_("Version"),
        help_text=_("Its template is filled in with the same values. Its model and parameters count, too."),
    )
    model = forms.CharField(
        required=False,
        max_length=200,
        label=_("Model"),
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "ltr", "list": MODELS_LIST}),
        help_text=_("Empty: the version's, or else the same as before."),
    )

    def __init__(self, original: PromptRequest, data: Any = None, *, with_versions: bool) -> None:
        super().__init__(data)
        self.models_list = MODELS_LIST
        self.known_models = known_models()
        if with_versions and original.variables is not None:
            choices = self.fields["version_number"]
            assert isinstance(choices, forms.TypedChoiceField)
            choices.choices = [("", _("The same text")), *_versions_of(original)]
        else:
            del self.fields["version_number"]

    def given(self) -> ReplayOptions:
        """What was chosen, as the service takes it."""
        return {
            "version_number": self.cleaned_data.get("version_number"),
            "model": self.cleaned_data["model"].strip(),
        }


def _versions_of(original: PromptRequest) -> list[tuple[int, str]]:
    versions = PromptVersion.objects.filter(prompt_type__slug=original.prompt_type_id, deleted_at=None)
    newest = versions.order_by("-version_number").values_list("version_number", "is_active")[:MOST_VERSIONS]
    return [(number, _named(number, is_active=is_active)) for number, is_active in newest]


def _named(number: int, *, is_active: bool) -> str:
    name = version_display.numbered(number)
    return f"{name} ({_('active')})" if is_active else name
