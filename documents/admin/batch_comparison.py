"""The page on which two batches over the same files are compared, field by field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from documents.admin import batch_looks
from documents.admin.base import OwnedAdmin
from documents.admin.batch_rows import shown
from documents.models import Batch
from documents.services.comparing import Comparison, compare
from prompts.admin import display, version_display
from prompts.admin.search import identified_by, with_short_id

MOST_CHANGES = 50
MOST_OFFERED = 20


class ComparisonPages(OwnedAdmin[Batch]):
    """A batch beside another one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.compare_view)
        return [path("<uuid:identifier>/compare/", view, name="documents_batch_compare"), *super().get_urls()]

    @method_decorator(require_safe)
    def compare_view(self, request: HttpRequest, identifier: UUID) -> HttpResponse:
        """Those it can be compared with; and the differences, once one of them was chosen."""
        batch = self.visible(request, identifier)
        chosen = request.GET.get("with", "")
        context: dict[str, Any] = {
            "batch": _named(batch),
            "offered": [_named(offered) for offered in self._offered(request, batch)],
            "chosen": chosen,
        }
        other = self._other(request, chosen) if chosen else None
        if other is not None:
            context |= _comparison(request, batch, other)
        page = self.page(request, "batch/comparison", _("Compare"), batch, **context)
        page.status_code = 404 if chosen and other is None else 200
        return page

    def _offered(self, request: HttpRequest, batch: Batch) -> list[Batch]:
        """Its re-runs, what it is a re-run of, and the other re-runs of that: newest first."""
        related = Q(rerun_of=batch.pk)
        if batch.rerun_of_id:
            related |= Q(pk=batch.rerun_of_id) | Q(rerun_of=batch.rerun_of_id)
        rows = self.get_queryset(request).filter(related).exclude(pk=batch.pk).select_related("version")
        return list(rows.order_by("-created_at", "-pk")[:MOST_OFFERED])

    def _other(self, request: HttpRequest, chosen: str) -> Batch | None:
        """The batch with this id, short or whole; None where its reader can see none, or short ids are alike."""
        rows = self.get_queryset(request)
        identifier = identified_by(chosen)
        found = [identifier] if identifier else with_short_id(rows, chosen)
        return rows.filter(pk=found[0]).select_related("version").first() if len(found) == 1 else None


def _comparison(request: HttpRequest, batch: Batch, other: Batch) -> dict[str, Any]:
    old, new = sorted((batch, other), key=lambda row: (row.created_at, row.pk))
    after = request.GET.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 9 else 0
    found = compare(old, new, after=start, limit=MOST_CHANGES)
    return {
        "chosen": str(other.pk),
        "old": _named(old),
        "new": _named(new),
        "comparison": found,
        "summary": _summary(found),
        "changes": _changes(found, old, new),
        "later": _later(batch, other, found) if len(found.changes) == MOST_CHANGES else None,
    }


def _named(batch: Batch) -> dict[str, Any]:
    """What tells a batch from others."""
    return {
        "id": str(batch.pk),
        "link": batch_looks.link(batch.pk),
        "short": display.short_id(batch.pk),
        "version": version_display.number(batch.version),
        "model": batch.model,
        "created": display.moment(batch.created_at),
    }


def _summary(found: Comparison) -> list[tuple[str, int]]:
    """Label and number; what is zero says nothing."""
    others = [
        (_("Not finished yet"), found.unfinished),
        (_("Only in the older batch"), found.only_old),
        (_("Only in the newer batch"), found.only_new),
    ]
    counted = [(_("Documents compared"), found.documents), (_("With differences"), found.changed)]
    return counted + [line for line in others if line[1]]


def _changes(found: Comparison, old: Batch, new: Batch) -> list[dict[str, Any]]:
    return [
        {
            "name": change.old.name,
            "old_address": batch_looks.item_address(old.pk, change.old.position),
            "new_address": batch_looks.item_address(new.pk, change.new.position),
            "fields": [
                {"name": field.field, "old": shown(field.old), "new": shown(field.new)} for field in change.changes
            ],
        }
        for change in found.changes
    ]


def _later(batch: Batch, other: Batch, found: Comparison) -> str:
    address = batch_looks.address(batch.pk, "compare")
    return f"{address}?with={other.pk}&after={found.changes[-1].old.position}"
