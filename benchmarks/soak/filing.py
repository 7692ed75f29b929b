"""The one who brings documents in, and has batches of them asked about."""

from __future__ import annotations

from collections import deque
from typing import Any

from benchmarks.soak.caller import MODEL, TYPE, Caller
from documents.tests.reading.pdfs import with_text

DOCUMENTS = "/api/ai/documents/"
KNOWN_SHARE, BATCH_SHARE = 0.2, 0.15
BATCH_SIZE = 4
#: Takes its reader long enough to be struck meanwhile.
LONG_PAGES = 900


def paper(number: int, pages: int = 2) -> bytes:
    """A PDF file with text on each page, another one for each number."""
    line = "Pumps, valves and what belongs to them, as agreed"
    return with_text(*(f"Invoice {number}, page {page}\n" + f"{line}\n" * 40 for page in range(pages)))


class Filer(Caller):
    """Uploads small files, some of them twice, and starts a batch now and then."""

    pace = 0.4

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.documents: deque[str] = deque(maxlen=200)

    def step(self) -> None:
        if len(self.documents) >= BATCH_SIZE and self.random.random() < BATCH_SHARE:
            self._batch()
        elif self.random.random() < KNOWN_SHARE:
            self.upload(self.random.randint(1, max(self.number, 1)))
        else:
            self.upload(self.number)

    def upload(self, number: int, pages: int = 2) -> None:
        """The same key with the same content: sent until it is there."""
        key = {"Idempotency-Key": f"{self.name} {self.number} {pages}"}
        body = self.insist(
            "upload", "POST", DOCUMENTS, expected={201, 409}, tell=lambda body: {"id": body["data"]["id"]},
            headers=key, files={"file": (f"invoice {number}.pdf", paper(number, pages), "application/pdf")},
            facts={"key": key["Idempotency-Key"]},
        )  # fmt: skip
        if body is not None:
            self.documents.append(body["data"]["id"])

    def _batch(self) -> None:
        key = self.key()
        chosen = self.random.sample(self.documents, BATCH_SIZE)
        self.insist(
            "batch", "POST", f"{DOCUMENTS}batches/", expected={201, 409},
            tell=lambda body: {"id": body["data"]["id"]}, headers=key, facts={"key": key["Idempotency-Key"]},
            json={"promptType": TYPE, "model": MODEL, "documents": chosen},
        )  # fmt: skip
