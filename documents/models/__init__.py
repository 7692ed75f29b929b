"""One noun a file."""

from documents.models.accuracy_gate import AccuracyGate
from documents.models.accuracy_run import AccuracyRun
from documents.models.batch import Batch
from documents.models.batch_item import BatchItem
from documents.models.document import Document
from documents.models.document_file import DocumentFile
from documents.models.document_page import DocumentPage
from documents.models.labelled_document import LabelledDocument
from documents.models.labelled_set import LabelledSet
from documents.models.sandbox_run import SandboxRun

__all__ = [
    "AccuracyGate",
    "AccuracyRun",
    "Batch",
    "BatchItem",
    "Document",
    "DocumentFile",
    "DocumentPage",
    "LabelledDocument",
    "LabelledSet",
    "SandboxRun",
]
