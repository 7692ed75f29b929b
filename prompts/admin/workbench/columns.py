"""What is shown of a test: while it runs, and when it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts import partials
from prompts.admin import display, version_display
from prompts.admin.search import identified_by
from prompts.admin.workbench import answer_looks, troubles
from prompts.admin.workbench.answer_looks import Comparison
from prompts.admin.workbench.targets import SIDES
from prompts.models import PromptRequest, PromptResponse, PromptType, PromptVersion
from prompts.models.prompt_request import Status
from prompts.models.prompt_version import MAX_NOTE_LENGTH
from prompts.powers import manages_all
from prompts.services import drafting
from providers.base import FinishReason

#: What none of the parts needs that are fetched again and again.
LONG_COLUMNS = (
    *("prompt_text", "variables"),
    *(f"version__{name}" for name in ("template", "parameters", "test_result_json")),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A test on one side of the page; `others` are all tests of the type that its reader may see."""

    side: str
    kind: PromptType
    request: PromptRequest
    others: QuerySet[PromptRequest]

    @property
    def id(self) -> str:
        """Of the element that holds it."""
        return f"answer-{self.side}"

    @property
    def title(self) -> str:
        """What was tried."""
        version = self.request.version
        return version_display.number(version) if version else _("Draft")

    @property
    def status(self) -> SafeString:
        """The status with its mark; of one that waits, also for what."""
        return display.status(self.request)

    @property
    def stage(self) -> str:
        """What goes on, in a word that changes only when that does."""
        request = self.request
        return f"{request.status}-{request.attempt_count}-{int(request.awaits_text)}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will come."""
        return self.request.is_finished


def visible(request: HttpRequest, kind: PromptType) -> QuerySet[PromptRequest]:
    """The tests of a type that the reader may see."""
    tests = PromptRequest.objects.filter(prompt_type=kind, is_sandbox=True)
    rows = tests if manages_all(request.user) else tests.filter(user=request.user.pk)
    return rows.select_related("version", "response").defer(*LONG_COLUMNS)


def columns(request: HttpRequest, kind: PromptType, asked: Mapping[str, str]) -> list[Column]:
    """The tests that are asked for on the left and on the right; what isn't there is left out."""
    ids = {side: identified_by(asked.get(side, "")) for side in SIDES}
    rows = visible(request, kind)
    found = rows.in_bulk([identifier for identifier in ids.values() if identifier])
    return [Column(side, kind, found[identifier], rows) for side, identifier in ids.items() if identifier in found]


def progress(column: Column) -> dict[str, Any]:
    """What is shown until the end."""
    row = column.request
    return {
        "column": column,
        "doing": _doing(row),
        "elapsed": display.duration(max(0, (timezone.now() - row.created_at) // display.MILLISECOND)),
        "partial": partials.read(row.pk, row.lease_token) if row.status == Status.GENERATING else "",
        "last_error": troubles.words(row.error_class) if row.error_class else "",
    }


def ending(column: Column) -> dict[str, Any]:
    """What is shown of a test that has ended."""
    row = column.request
    shared = {
        "column": column,
        "trouble": troubles.words(row.error_class) if row.error_class else "",
        "request_link": display.request_link(row.pk),
        "notes": _notes(row.version),
    }
    return shared | _answer(column, row.response) if hasattr(row, "response") else shared


def contexts(found: list[Column]) -> list[dict[str, Any]]:
    """What the templates need of each column."""
    return [ending(column) if column.is_finished else progress(column) for column in found]


def compared(found: list[Column]) -> Comparison | None:
    """What the two answers differ in; None until both are there."""
    kept = [column.request for column in found if column.request.texts_erased_at is None]
    texts = [request.response.response_text for request in kept if hasattr(request, "response")]
    return answer_looks.compare(*texts) if len(texts) == len(SIDES) else None


def _doing(row: PromptRequest) -> str:
    if row.awaits_text:
        return _("The document is being read.")
    if row.status == Status.GENERATING:
        return _("The model is at work.")
    if row.attempt_count:
        return _("Another attempt follows.")
    return _("It waits for a worker.")


def _answer(column: Column, response: PromptResponse) -> dict[str, Any]:
    row = column.request
    if row.texts_erased_at is not None:
        return {"response": response, "facts": _facts(response), "text": display.erased(row)}
    text, schema = response.response_text, drafting.schema_of(row)
    return {
        "response": response,
        "facts": _facts(response),
        "text": display.long_text(text, request_id=row.pk),
        "fields": answer_looks.fields_of(text, schema),
        "is_checked": schema is not None,
        "earlier": _earlier(column, text),
        "is_cut": response.finish_reason == FinishReason.LENGTH,
    }


def _notes(version: PromptVersion | None) -> dict[str, Any] | None:
    """What can be noted on a version; None where there is none to note it on."""
    if version is None or version.deleted_at is not None:
        return None
    return {"text": version.manual_note or "", "limit": MAX_NOTE_LENGTH}


def _facts(response: PromptResponse) -> list[tuple[str, object]]:
    """Label and value of what the answer has taken; None where the vendor didn't say."""
    return [
        (_("Duration"), display.duration(response.duration_ms)),
        (_("input tokens").capitalize(), response.input_tokens),
        (_("output tokens").capitalize(), response.output_tokens),
        (_("Cost (USD)"), display.money(response.cost)),
    ]


def _earlier(column: Column, text: str) -> dict[str, Any] | None:
    """The test of the same version before this one, and what has changed since then."""
    before = drafting.tried_before(column.request, among=column.others)
    if before is None or before.texts_erased_at is not None:
        return None
    return {
        "when": display.moment(before.created_at),
        "link": display.request_link(before.pk),
        "name": _("Before"),
        "now": _("Now"),
        "comparison": answer_looks.compare(before.response.response_text, text),
    }
