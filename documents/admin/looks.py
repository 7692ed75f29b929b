"""How documents and what is read of them look on the pages. Everything is escaped."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents.models import Document, DocumentFile, DocumentPage
from documents.models.document_file import ReadingState
from documents.reading import sniffing
from documents.reading.reasons import REASONS
from prompts.admin import display

#: By media type.
KINDS = {
    sniffing.PDF: "PDF",
    sniffing.PNG: "PNG",
    sniffing.JPEG: "JPEG",
    sniffing.TIFF: "TIFF",
    sniffing.TEXT: gettext_lazy("Plain text"),
}


def kind(file: DocumentFile) -> str:
    """What kind of file it is, in a word."""
    return str(KINDS.get(file.media_type, file.media_type))


def reading_state(file: DocumentFile) -> SafeString:
    """How far a file has been read, on a colour of its own."""
    return display.badge(file.state, file.get_state_display())


def reason(file: DocumentFile) -> str:
    """Why a file can't be read, in words; empty where it can."""
    return words(file.error_code) if file.state == ReadingState.FAILED else ""


def words(code: str) -> str:
    """What the code of a reason means; the code itself where nobody knows it."""
    return str(REASONS.get(code, code))


def pages(file: DocumentFile) -> str:
    """How many pages it has, and how many of them are read while that goes on."""
    if file.page_count is None:
        return "-"
    if file.state == ReadingState.READING:
        return _("%(read)d of %(all)d") % {"read": file.pages_read, "all": file.page_count}
    return str(file.page_count)


def document_link(document: Document) -> SafeString:
    """A link to the page of a document, by its name."""
    address = reverse("admin:documents_document_change", args=[document.pk])
    return format_html('<a href="{}"><bdi>{}</bdi></a>', address, document.name)


def page_facts(page: DocumentPage) -> str:
    """Where a page's text comes from, how sure the reader is of it, and how long it took."""
    facts = [page.get_source_display()]
    if page.confidence is not None:
        facts.append(_("%(percent)d %% sure") % {"percent": page.confidence})
    facts.append(display.duration(page.milliseconds) or "")
    return " · ".join(facts)


def count_documents(number: int) -> str:
    """So many documents, in words."""
    return ngettext("%(number)d document", "%(number)d documents", number) % {"number": number}
