"""On the page of a prompt type: the accuracy that it demands of a version before it may be activated."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.admin import accuracy_charts, accuracy_looks
from documents.admin.base import accepted, sent
from documents.models import AccuracyGate, LabelledSet
from documents.services import developments
from documents.services import gate as gates
from prompts.admin import PromptTypeAdmin
from prompts.admin.base import in_words, sees_all
from prompts.admin.version_page import active_version
from prompts.admin.version_pages import as_fieldset, asking
from prompts.exceptions import DomainError
from prompts.models import PromptType


class GateForm(forms.Form):
    """What is demanded: a set, and the share of its values that must be right."""

    labelled_set = forms.ModelChoiceField(
        LabelledSet.objects.order_by("name", "-revision"), label=gettext_lazy("Labelled set")
    )
    threshold = forms.DecimalField(
        min_value=0,
        max_value=100,
        max_digits=4,
        decimal_places=1,
        label=gettext_lazy("Threshold in percent"),
        help_text=gettext_lazy("So many of the labelled values must be right, from 0 to 100."),
    )


class GatedTypeAdmin(PromptTypeAdmin):
    """Prompt types, with their gates."""

    change_form_template = "admin/documents/prompttype/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:identifier>/gate/", view(self.gate_view), name="prompts_prompttype_gate"),
            path("<int:identifier>/gate/clear/", view(self.clear_view), name="prompts_prompttype_gate_clear"),
            *super().get_urls(),
        ]

    def context_of(self, request: HttpRequest, row: PromptType) -> dict[str, Any]:
        context = super().context_of(request, row)
        return context | _accuracy(row) if context else {}

    @asking
    def gate_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Set the gate, or change it."""
        kind = self._managed(request, identifier)
        gate = gates.find_gate(kind.slug)
        form = GateForm(**sent(request), initial=_initial(gate))
        if request.method == "POST" and accepted(form, partial(_set, request, kind, form)) is not None:
            messages.success(request, _("The gate was set. It holds from the next activation on."))
            return HttpResponseRedirect(_address(kind))
        return self._gate_page(
            request, kind, "gate", _("Gate of accuracy"), form=form, fieldset=as_fieldset(form), gate=gate
        )

    @asking
    def clear_view(self, request: HttpRequest, identifier: int) -> HttpResponse:
        """Take the gate away, once that is confirmed."""
        kind = self._managed(request, identifier)
        if request.method != "POST":
            return self._gate_page(request, kind, "gate_clearing", _("Take the gate away"))
        try:
            with transaction.atomic():
                gates.clear_gate(kind.slug, actor=request.user)
        except DomainError as error:
            messages.error(request, in_words(error))
        else:
            messages.success(request, _("The gate was taken away."))
        return HttpResponseRedirect(_address(kind))

    def _managed(self, request: HttpRequest, identifier: int) -> PromptType:
        """Raises PermissionDenied and Http404."""
        if not sees_all(request):
            raise PermissionDenied
        kind = self.get_object(request, str(identifier))
        if kind is None:
            raise Http404
        return kind

    def _gate_page(self, request: HttpRequest, kind: PromptType, name: str, title: str, **context: Any) -> HttpResponse:
        shared = {"title": title, "row": kind, "back": _address(kind), "opts": self.opts}
        everything = self.admin_site.each_context(request) | shared | context
        return TemplateResponse(request, f"admin/documents/prompttype/{name}.html", everything)


def _address(kind: PromptType) -> str:
    return reverse("admin:prompts_prompttype_change", args=[kind.pk])


def _initial(gate: AccuracyGate | None) -> dict[str, Any]:
    if gate is None:
        return {}
    return {"labelled_set": gate.labelled_set_id, "threshold": (gate.threshold * 100).quantize(Decimal("0.1"))}


def _set(request: HttpRequest, kind: PromptType, form: GateForm) -> AccuracyGate:
    entered = form.cleaned_data
    return gates.set_gate(
        kind.slug, labelled_set=entered["labelled_set"], threshold=entered["threshold"] / 100, actor=request.user
    )


def _accuracy(kind: PromptType) -> dict[str, Any]:
    """The gate, and how versions did on its set; without a gate on the set that was measured last."""
    gate = gates.find_gate(kind.slug)
    labelled_set = gate.labelled_set if gate else developments.last_measured_set(kind.slug)
    chart = accuracy_charts.chart_of_type(kind.slug, labelled_set, gate) if labelled_set else ""
    return {"gate": _standing(kind, gate), "chart": chart}


def _standing(kind: PromptType, gate: AccuracyGate | None) -> dict[str, Any] | None:
    """What the gate demands, and how the active version stands before it."""
    if gate is None:
        return None
    active = active_version(kind.slug)
    state = gates.state_of(active) if active else None
    return {"demand": _demand(gate), "active": state.message if state else "", "is_reached": state and state.is_reached}


def _demand(gate: AccuracyGate) -> SafeString:
    told = _("A version is activated only if it got at least %(share)s of the values right when it was last run on")
    share = accuracy_looks.percent(gate.threshold)
    return format_html("{} {}.", told % {"share": share}, accuracy_looks.set_link(gate.labelled_set))


admin.site.unregister(PromptType)
admin.site.register(PromptType, GatedTypeAdmin)
