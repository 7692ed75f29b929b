"""Documents: the list, the page of one, and bringing new ones in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.admin import batch_looks, looks
from documents.admin.document_content import ContentPages
from documents.admin.document_upload import UploadPages
from documents.admin.pages_shown import shown_pages
from documents.models import Document
from prompts.admin import display
from prompts.admin.base import sees_all
from prompts.admin.search import by_id_or_words, identified_by

MOST_USES = 20
#: Their ids stand in an address.
MOST_CHOSEN = 100


@admin.register(Document)
class DocumentAdmin(UploadPages, ContentPages):
    """Looking at documents and the text that was read of them."""

    change_form_template = "admin/documents/document/change_form.html"
    actions = ("start_batch",)
    list_display = ("label", "user", "state", "page_number", "kind", "created")
    list_display_links = ("label",)
    list_select_related = ("user", "file")
    list_filter = ("file__state",)
    lookups = frozenset({"user__exact", "file__state__exact"})
    search_fields = ("name",)
    search_help_text = gettext_lazy("A part of the name, or an id, short or whole")

    @admin.action(description=gettext_lazy("Start a batch with the selected documents"), permissions=["batch"])
    def start_batch(self, request: HttpRequest, documents: QuerySet[Document]) -> HttpResponse | None:
        """Lead on to the form, oldest document first."""
        ids = list(documents.order_by("created_at", "pk").values_list("pk", flat=True)[: MOST_CHOSEN + 1])
        if len(ids) > MOST_CHOSEN:
            limit = {"limit": MOST_CHOSEN}
            messages.error(request, _("Choose at most %(limit)d documents, or upload them with the batch.") % limit)
            return None
        chosen = ",".join(map(str, ids))
        return HttpResponseRedirect(reverse("admin:documents_batch_add", query={"documents": chosen}))

    def has_batch_permission(self, request: HttpRequest) -> bool:
        """Whether the reader may start batches."""
        return sees_all(request) or request.user.has_perm("documents.add_batch")

    @admin.display(description=gettext_lazy("name"))
    def label(self, document: Document) -> SafeString:
        return format_html("<bdi>{}</bdi>", document.name)

    @admin.display(description=gettext_lazy("state"))
    def state(self, document: Document) -> SafeString:
        return display.lines(looks.reading_state(document.file), looks.reason(document.file))

    @admin.display(description=gettext_lazy("pages"))
    def page_number(self, document: Document) -> str:
        return looks.pages(document.file)

    @admin.display(description=gettext_lazy("kind and size"))
    def kind(self, document: Document) -> SafeString:
        return display.lines(looks.kind(document.file), filesizeformat(document.file.size))

    @admin.display(description=gettext_lazy("created at"))
    def created(self, document: Document) -> SafeString | None:
        return display.moment(document.created_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Document], search_term: str
    ) -> tuple[QuerySet[Document], bool]:
        return by_id_or_words(queryset, search_term, "name"), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Document | None:
        identifier = identified_by(object_id)
        if identifier is None:
            return None
        return self.get_queryset(request).select_related("user", "file").filter(pk=identifier).first()

    def context_of(self, request: HttpRequest, row: Document) -> dict[str, Any]:
        file = row.file
        return {
            "title": row.name,
            "subtitle": None,
            "document": row,
            "state": looks.reading_state(file),
            "reason": looks.reason(file),
            "is_live": not file.is_finished,
            "facts": _facts(row),
            "text": shown_pages(row, request.GET.get("page", ""), with_pictures=True),
            "uses": _uses(row, request),
            "starts_batches": self.has_batch_permission(request),
        }


def _facts(document: Document) -> list[tuple[str, object]]:
    """Label and value of each, None where it hasn't come."""
    file = document.file
    return [
        (_("User"), document.user),
        (_("Created"), display.moment(document.created_at)),
        *([(_("Erased"), display.moment(document.erased_at))] if document.erased_at else []),
        (_("Kind"), looks.kind(file)),
        (_("Size"), filesizeformat(file.size)),
        (_("Pages"), looks.pages(file)),
        (_("Read"), display.moment(file.read_at)),
        (_("Reading took"), display.duration(file.milliseconds)),
        (_("Reader"), display.code(file.reader)),
        *([] if document.erased_at else [(_("SHA-256"), display.code(file.sha256))]),
    ]


def _uses(document: Document, request: HttpRequest) -> list[tuple[str, SafeString]]:
    """Where the document was used, newest first: what that was, and a link to it, if its reader may see that."""
    items, trials = document.batch_items.order_by("-batch_id"), document.sandbox_runs.order_by("-request_id")
    if not sees_all(request):
        items = items.filter(batch__user=request.user.pk)
        trials = trials.filter(request__user=request.user.pk)
    return [
        *((_("Batch"), batch_looks.item_link(item)) for item in items[:MOST_USES]),
        *((_("Test of a version"), display.request_link(trial.request_id)) for trial in trials[:MOST_USES]),
    ]
