"""Documents, batches and a labelled set for the browser to look at."""

from __future__ import annotations

import os
from pathlib import Path

from config.tests.browser.conftest import ARABIC, THAI
from config.tests.browser.pages import one
from config.tests.e2e.installation import Installation, wait_for

RECEIPT = "OJC MARKETING SDN BHD\nNO 2, JALAN BAYU 4\nTAX INVOICE  AC-12\n15/01/2019\n\nTOTAL   193.00\n"
TEXTS = {
    "receipt-003.txt": RECEIPT,
    "ใบเสร็จรับเงิน.txt": f"{THAI}\n15/01/2562\nรวม 193.00\n",
    "إيصال رقم ٧.txt": f"{ARABIC}\n١٥/٠١/٢٠١٩\nالمجموع ١٩٣٫٠٠\n",
    "a-very-long-name-that-a-scanner-gave-to-its-file-2019-01-15-000000001.txt": "Page one.\fPage two.",
}
BROKEN = "%PDF-1.7\nnothing of a PDF\n"
#: Run by the installation itself, on its services, as the commands do.
SCRIPT = """
import io
from decimal import Decimal
from pathlib import Path
from config.models import User
from documents.services import batches, gate, labelling, storing

owner = User.objects.get(username="owner")
def add(name, content):
    return storing.add_document(user=owner, name=name, content=io.BytesIO(content))
documents = [add(name, text.encode()) for name, text in texts.items()]
documents += [add(path.name, path.read_bytes()) for path in sorted(Path(folder).glob("*.jpg")) if folder]
broken = add("broken.pdf", broken.encode())
given = {"user": owner, "prompt_type": "ocr_extraction", "version_number": 2, "purpose": "Migration 2019"}
first = batches.create_batch(documents=[*documents, broken], **given)
batches.rerun(first.pk, actor=owner, version_number=1, model="simulator/default")
for purpose in ("For the walks", "For whoever lets it go on"):
    paused = batches.create_batch(documents=documents, **given | {"purpose": purpose})
    batches.pause(paused.pk, actor=owner)
right, wrong = {"documentNumber": "ac-12", "date": "06/05/2026"}, {"documentNumber": "77", "subject": "Freight"}
labelled = [(document, wrong if number == 1 else right) for number, document in enumerate(documents)]
made = labelling.import_set(actor=owner, name="receipts", labelled=labelled)
labelling.run_set(made, actor=owner, prompt_type="ocr_extraction", version_number=2)
gate.set_gate("code", labelled_set=made, threshold=Decimal("0.925"), actor=owner)
"""


def make_documents(installation: Installation) -> None:
    """A finished batch with a failure and its re-run, a paused one, and a measured run; once."""
    if installation.sql("SELECT 1 FROM labelled_sets LIMIT 1"):
        return
    given = f"texts, broken, folder = {TEXTS!r}, {BROKEN!r}, {scans()!r}"
    installation.manage("shell", "--no-imports", "--command", f"{given}\n{SCRIPT}")
    unfinished = "SELECT count(*) FROM document_batches WHERE state = 'running'"
    wait_for(lambda: installation.sql(unfinished) == [(0,)], 120, "the batches")


def scans() -> str:
    """The folder that SCANS names, for pictures of what comes from scans; empty without one."""
    folder = os.environ.get("SCANS", "")
    return str(Path(folder).absolute()) if folder else ""


def document_pages(installation: Installation) -> dict[str, str]:
    """Every kind of page about documents, by the name of its picture."""
    document = one(installation, "SELECT id FROM documents WHERE name = 'receipt-003.txt'")
    broken = one(installation, "SELECT id FROM documents WHERE name = 'broken.pdf'")
    again = one(installation, "SELECT id FROM document_batches WHERE rerun_of_id IS NOT NULL")
    batch = one(installation, "SELECT rerun_of_id FROM document_batches WHERE id = %s", again)
    failed = "SELECT position FROM document_batch_items WHERE batch_id = %s AND document_id = %s"
    paused = one(installation, "SELECT id FROM document_batches WHERE state = 'paused' ORDER BY id")
    run = one(installation, "SELECT batch_id FROM accuracy_runs")
    labelled = one(installation, "SELECT id FROM labelled_sets")
    code, ocr = (
        one(installation, "SELECT id FROM prompt_types WHERE slug = %s", slug) for slug in ("code", "ocr_extraction")
    )
    version = one(
        installation, "SELECT id FROM prompt_versions WHERE prompt_type = 'ocr_extraction' AND version_number = 2"
    )
    request = one(installation, "SELECT request_id FROM document_batch_items WHERE request_id IS NOT NULL")
    here = "/admin/documents"
    return {
        "documents": f"{here}/document/",
        "document": f"{here}/document/{document}/change/",
        "document-broken": f"{here}/document/{broken}/change/",
        "document-add": f"{here}/document/add/",
        "batches": f"{here}/batch/",
        "batch": f"{here}/batch/{batch}/change/",
        "batch-failed": f"{here}/batch/{batch}/change/?outcome=failed",
        "batch-paused": f"{here}/batch/{paused}/change/",
        "batch-measured": f"{here}/batch/{run}/change/",
        "batch-accuracy": f"{here}/batch/{run}/accuracy/",
        "batch-document": f"{here}/batch/{batch}/documents/3/",
        "batch-document-failed": f"{here}/batch/{batch}/documents/{one(installation, failed, batch, broken)}/",
        "batch-document-labelled": f"{here}/batch/{run}/documents/2/",
        "batch-compare": f"{here}/batch/{again}/compare/?with={batch}",
        "batch-rerun": f"{here}/batch/{batch}/rerun/",
        "batch-cancel": f"{here}/batch/{paused}/cancel/",
        "batch-add": f"{here}/batch/add/?documents={document}",
        "sets": f"{here}/labelledset/",
        "set": f"{here}/labelledset/{labelled}/change/",
        "set-document": f"{here}/labelledset/{labelled}/documents/1/",
        "set-import": f"{here}/labelledset/add/",
        "set-run": f"{here}/labelledset/{labelled}/run/",
        "type-gated": f"/admin/prompts/prompttype/{code}/change/",
        "gate": f"/admin/prompts/prompttype/{ocr}/gate/",
        "gate-clear": f"/admin/prompts/prompttype/{code}/gate/clear/",
        "version-test-file": f"/admin/prompts/promptversion/{version}/test/",
        "request-of-document": f"/admin/prompts/promptrequest/{request}/change/",
    }
