"""The sandbox of the workbench: a draft or a version is tried out, or two of them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from prompts.admin.base import in_words
from prompts.admin.workbench import targets, values
from prompts.admin.workbench.answers import (
    FOLDER,
    AnswerPages,
    address,
    answers_context,
    asked,
    refused,
    shown,
    wants_part,
)
from prompts.admin.workbench.editor import DraftForm
from prompts.admin.workbench.targets import DRAFT, SIDES, Target
from prompts.admin.workbench.values import ValuesForm
from prompts.exceptions import DomainError, InvalidInput
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.powers import writes_versions
from prompts.rendering import TemplateError
from prompts.services.inputs import in_braces


class SandboxPages(AnswerPages):
    """Trying out what the editor holds, and any version."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.part("run", "run/", self.run_view),
            self.part("values", "values/", self.values_view),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def run_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Send one request for each side, all or none; show where their answers will be."""
        kind = self.kind(request, identifier)
        try:
            with transaction.atomic():
                sent = _send(request, kind)
        except DomainError as error:
            return _refused(request, kind, error)
        ids = {side: str(row.pk) for side, row in zip(SIDES, sent, strict=False)}
        return shown(request, kind, ids) if wants_part(request) else HttpResponseRedirect(address(request, kind, ids))

    @method_decorator(require_POST)
    def values_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """An input for each placeholder of what is chosen, as far as it is typed; or what was used last time."""
        kind = self.kind(request, identifier)
        try:
            names = values.names_in(targets.template_of(request, kind, side) for side in SIDES)
        except TemplateError:
            # Half a placeholder: until it is whole, the inputs stay.
            return HttpResponse(status=204)
        last = values.last_used(request, kind) if "last" in request.POST else None
        form = ValuesForm(names, last, keep=last is None)
        return TemplateResponse(
            request, f"{FOLDER}/sandbox_values.html", _values_context(kind, form) | {"is_part": True}
        )


def sandbox_context(request: HttpRequest, kind: PromptType, version: PromptVersion | None) -> dict[str, Any]:
    """What `sandbox.html` needs; `version` is the one that the editor began with."""
    if not writes_versions(request.user):
        return {"kind": kind, "sandbox": None}
    template = request.POST.get("template") or (version.template if version else "")
    form = ValuesForm(values.names_in([values.readable(template)]))
    return {
        "sandbox": {"choices": targets.choices(kind, version), "left": DRAFT, "right": ""},
        **_values_context(kind, form),
        **answers_context(request, kind, {side: request.GET.get(side, "") for side in SIDES}),
    }


def _values_context(kind: PromptType, form: ValuesForm) -> dict[str, Any]:
    names = list(form.fields)
    chosen = values.for_a_file(kind, names)
    placeholders = [(name, in_braces([name]), name == chosen) for name in names]
    return {"kind": kind, "inputs": form.inputs, "placeholders": placeholders}


def _send(request: HttpRequest, kind: PromptType) -> list[PromptRequest]:
    """The requests for both sides. Call it in a transaction. Raises what the services raise."""
    chosen = targets.chosen(request, kind)
    names = _names(chosen)
    form = ValuesForm(names, request.POST)
    if not form.is_valid():
        missing = [f"{in_braces([name])}: {text}" for name, texts in form.errors.items() for text in texts]
        raise InvalidInput(_("Something is missing."), errors={"variables": missing})
    metadata = values.documents(request, names)
    return [target.send(request, form.cleaned_data, metadata) for target in chosen]


def _names(chosen: Sequence[Target]) -> list[str]:
    """The placeholders of all. Those of a draft that has mistakes are told when it is sent."""
    return values.names_in(values.readable(target.template) for target in chosen)


def _refused(request: HttpRequest, kind: PromptType, error: DomainError) -> HttpResponse:
    if wants_part(request):
        return refused(request, _problems_of(error))
    messages.error(request, " ".join(_problems_of(error)))
    return HttpResponseRedirect(address(request, kind, asked(request)))


def _problems_of(error: DomainError) -> list[str]:
    """What is wrong, where the services don't say it themselves with the name of its place."""
    labels = {name: str(field.label) for name, field in DraftForm().fields.items()}
    labels |= {"fieldSchema": labels["field_schema"]}
    texts = [(labels.get(name, ""), str(text)) for name, found in error.errors.items() for text in found]
    told = [f"{label}: {text}" if label else text for label, text in texts]
    return told or [in_words(error)]
