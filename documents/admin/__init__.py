"""The pages of the staff about documents: display, and one service call an action."""

from documents.admin.batch import BatchAdmin
from documents.admin.document import DocumentAdmin
from documents.admin.gate import GatedTypeAdmin
from documents.admin.labelled_set import LabelledSetAdmin
from documents.admin.request import RequestOfDocumentAdmin
from documents.admin.trial import FileTrialAdmin
from documents.admin.workbench import WorkbenchTypeAdmin

__all__ = [
    "BatchAdmin",
    "DocumentAdmin",
    "FileTrialAdmin",
    "GatedTypeAdmin",
    "LabelledSetAdmin",
    "RequestOfDocumentAdmin",
    "WorkbenchTypeAdmin",
]
