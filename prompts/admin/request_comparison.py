"""Two requests side by side: what was asked, what came back, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from prompts.admin import differences, display, request_links, version_display
from prompts.admin.base import sees_versions
from prompts.admin.differences import Difference
from prompts.admin.request_pages import RequestPages
from prompts.admin.workbench import answer_looks
from prompts.admin.workbench.answer_looks import Comparison
from prompts.models import PromptRequest, PromptResponse

BOTH = 2


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of both requests, and whether it is the same."""

    label: str
    left: Any
    right: Any
    is_same: bool


class RequestComparisons(RequestPages):
    """The page of two requests, and the action of the list that leads to it."""

    def get_urls(self) -> list[URLPattern]:
        return [self.part("compare/", self.compare_view, "compare"), *super().get_urls()]

    @admin.action(description=gettext_lazy("Compare the two selected requests"), permissions=["view"])
    def compare_selected(self, request: HttpRequest, rows: QuerySet[PromptRequest]) -> HttpResponse | None:
        """The older one on the left."""
        chosen = list(rows.order_by("created_at", "pk").values_list("pk", flat=True)[: BOTH + 1])
        if len(chosen) != BOTH:
            messages.error(request, _("Select two requests to compare them."))
            return None
        return HttpResponseRedirect(request_links.comparison(*chosen))

    @method_decorator(require_safe)
    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """The requests that the address names as `left` and `right`, if its reader may see both."""
        left, right = (self.visible(request, request.GET.get(side, "")) for side in ("left", "right"))
        if left.pk == right.pk:
            raise Http404
        context = compared(left, right, with_links=sees_versions(request))
        return self.page(request, "comparison", _("Comparison of two requests"), **context)


def compared(left: PromptRequest, right: PromptRequest, *, with_links: bool) -> dict[str, Any]:
    """What the page shows of both."""
    return {
        "left": display.request_link(left.pk),
        "right": display.request_link(right.pk),
        "facts": _facts(left, right, with_links=with_links),
        "differences": _of_inputs(left, right),
        "active_name": display.short_id(left.pk),
        "version_name": display.short_id(right.pk),
        "answers": _of_answers(left, right),
        "is_waiting": not (left.is_finished and right.is_finished),
    }


def _of_inputs(left: PromptRequest, right: PromptRequest) -> list[Difference]:
    pairs = [
        (_("Prompt"), left.prompt_text, right.prompt_text),
        (_("Parameters"), display.pretty_json(left.parameters), display.pretty_json(right.parameters)),
    ]
    if left.texts_erased_at or right.texts_erased_at:
        pairs = pairs[1:]
    return [differences.difference(label, one, other) for label, one, other in pairs if one != other]


def _of_answers(left: PromptRequest, right: PromptRequest) -> Comparison | None:
    if left.texts_erased_at or right.texts_erased_at:
        return None
    one, other = _response(left), _response(right)
    return answer_looks.compare(one.response_text, other.response_text) if one and other else None


def _facts(left: PromptRequest, right: PromptRequest, *, with_links: bool) -> list[Fact]:
    """The same values of both, in the same order."""
    labels = _labels()
    pairs = zip(labels, _values(left, with_links=with_links), _values(right, with_links=with_links), strict=True)
    return [Fact(label, one, other, one == other) for label, one, other in pairs]


def _labels() -> list[str]:
    return [
        _("Status"),
        _("User"),
        _("Type"),
        _("Version"),
        _("Model"),
        _("Created"),
        _("Attempts"),
        _("Duration"),
        capfirst(_("input tokens")),
        capfirst(_("output tokens")),
        _("Cost (USD)"),
        _("Finish reason"),
    ]


def _values(request: PromptRequest, *, with_links: bool) -> list[Any]:
    response = _response(request)
    return [
        display.status(request),
        request.user,
        request.prompt_type,
        _version(request, with_link=with_links),
        display.model(request.model, simulated=False),
        display.moment(request.created_at),
        request.attempt_count,
        *(_measures(response) if response else [None] * 5),
    ]


def _measures(response: PromptResponse) -> list[Any]:
    return [
        display.duration(response.duration_ms),
        response.input_tokens,
        response.output_tokens,
        display.money(response.cost),
        response.finish_reason,
    ]


def _version(request: PromptRequest, *, with_link: bool) -> SafeString | str | None:
    if request.version is None:
        return None
    name = version_display.link(request.version) if with_link else version_display.number(request.version)
    return format_html("{} {}", name, version_display.sandbox_mark(request.is_sandbox))


def _response(request: PromptRequest) -> PromptResponse | None:
    return getattr(request, "response", None)
