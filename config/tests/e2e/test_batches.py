"""Workers are killed in the middle of a batch: each document gets exactly one answer."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from config.tests.e2e.installation import Installation, wait_for
from config.tests.e2e.oracle import broken_rules
from providers.tests.stubs import Reply, VendorStub

pytestmark = [pytest.mark.serial, pytest.mark.timeout(180)]

DOCUMENTS = 40
ANSWERED = "SELECT count(*) FROM prompt_responses"
#: Documents of the batch by how many answers each has.
ANSWERS = """
    SELECT answers, count(*) FROM (
        SELECT i.id, count(a.id) AS answers FROM document_batch_items i
        LEFT JOIN prompt_requests r ON r.variables->>'input' = (
            SELECT p.text FROM document_pages p JOIN documents d ON d.file_id = p.file_id WHERE d.id = i.document_id)
        LEFT JOIN prompt_responses a ON a.prompt_id = r.id
        GROUP BY i.id) AS each
    GROUP BY answers
"""


def migrate(installation: Installation, folder: Path, out: Path) -> subprocess.Popen[str]:
    """The command, running."""
    return installation.spawn(
        "manage.py", "migrate_documents", str(folder), "--type", "text", "--model", "openai/stub", "--out", str(out)
    )


def wait_for_answers(installation: Installation, number: int) -> None:
    wait_for(lambda: installation.sql(ANSWERED)[0][0] >= number, 60, f"{number} answers")


def test_a_batch_whose_worker_and_command_are_killed_gives_each_document_one_answer(
    install: Callable[..., Installation], vendor: VendorStub, tmp_path: Path
) -> None:
    vendor.default = Reply(latency=0.5)
    folder, out = tmp_path / "receipts", tmp_path / "results.jsonl"
    folder.mkdir()
    for number in range(DOCUMENTS):
        (folder / f"{number}.txt").write_text(f"Receipt number {number}")
    installation = install(BATCH_IN_FLIGHT="5", REQUEST_MAX_ATTEMPTS="50")
    command = migrate(installation, folder, out)
    worker = installation.start_worker()
    for answers in (5, 15, 25):
        wait_for_answers(installation, answers)
        # Mid-flight: some are being read or asked, others were just answered.
        installation.kill(worker)
        worker = installation.start_worker()
        if answers == 15:
            installation.kill(command)
            command = migrate(installation, folder, out)
    assert command.wait(90) == 0
    assert (installation.sql(ANSWERS), broken_rules(installation)) == ([(1, DOCUMENTS)], {})
    assert installation.sql("SELECT count(*) FROM prompt_requests") == [(DOCUMENTS,)]
    assert installation.sql("SELECT state FROM document_batches") == [("finished",)]
    assert len(out.read_text().splitlines()) == DOCUMENTS
