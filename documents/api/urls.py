"""The paths of documents below /api/ai/."""

from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from documents.api import accuracy_urls
from documents.api.batches import BatchViewSet
from documents.api.comparison import CompareView
from documents.api.content import OriginalView, PageImageView
from documents.api.documents import DocumentViewSet
from documents.api.downloads import CsvView, JsonLinesView
from documents.api.results import ItemView, ResultsView
from documents.api.sandbox import ActiveSandboxView, SandboxView
from prompts.api.routing import RequestIdConverter, endpoint

register_converter(RequestIdConverter, "document_id")
register_converter(RequestIdConverter, "batch_id")

STEPS = {
    "pause": _("Pause"),
    "resume": _("Resume"),
    "cancel": _("Cancel"),
    "retry": _("Retry"),
    "rerun": _("Run again"),
}

urlpatterns = [
    endpoint(
        "prompts/<prompt_type:promptType>/<version_number:versionNumber>/sandbox",
        SandboxView.as_view(),
        "version-sandbox",
    ),
    endpoint("prompts/<prompt_type:promptType>/sandbox", ActiveSandboxView.as_view(), "active-sandbox"),
    endpoint(
        "documents/", DocumentViewSet.as_view({"get": "list", "post": "create"}, name=_("Documents")), "documents"
    ),
    endpoint(
        "documents/<document_id:id>", DocumentViewSet.as_view({"get": "retrieve"}, name=_("Document")), "document"
    ),
    endpoint("documents/<document_id:id>/pages/<int:page>/image", PageImageView.as_view(), "document-image"),
    endpoint("documents/<document_id:id>/original", OriginalView.as_view(), "document-original"),
    endpoint(
        "documents/batches/", BatchViewSet.as_view({"get": "list", "post": "create"}, name=_("Batches")), "batches"
    ),
    endpoint("documents/batches/<batch_id:id>", BatchViewSet.as_view({"get": "retrieve"}, name=_("Batch")), "batch"),
    *(
        endpoint(
            f"documents/batches/<batch_id:id>/{step}", BatchViewSet.as_view({"post": step}, name=name), f"batch-{step}"
        )
        for step, name in STEPS.items()
    ),
    endpoint("documents/batches/<batch_id:id>/results", ResultsView.as_view(), "batch-results"),
    endpoint("documents/batches/<batch_id:id>/results.csv", CsvView.as_view(), "batch-csv"),
    endpoint("documents/batches/<batch_id:id>/results.jsonl", JsonLinesView.as_view(), "batch-jsonl"),
    endpoint("documents/batches/<batch_id:id>/compare", CompareView.as_view(), "batch-compare"),
    endpoint("documents/batches/<batch_id:id>/documents/<int:position>", ItemView.as_view(), "batch-document"),
    *accuracy_urls.urlpatterns,
]
