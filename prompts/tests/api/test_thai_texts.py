"""The texts that the published contract fixes, word for word."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.conf import settings
from rest_framework.test import APIClient

CONTRACT: dict[str, Any] = yaml.safe_load(
    (settings.BASE_DIR / "docs/contract/prompt-versions.openapi.yaml").read_text("utf-8")
)
PATH = "/ai/prompts/{promptType}"
OCR = "/api/ai/prompts/ocr_extraction"
THAI = {"Accept-Language": "th"}


def example(path: str, method: str) -> dict[str, str]:
    """Message and user's message of the operation's refusal."""
    refusal: dict[str, str] = CONTRACT["paths"][path][method]["responses"]["400"]["content"]["application/json"][
        "example"
    ]
    return refusal


@pytest.mark.parametrize("language", ["th", "th-TH", "th-TH,th;q=0.9,en;q=0.5"])
def test_a_missing_placeholder_is_told_in_the_contracts_words(as_admin: APIClient, language: str) -> None:
    answer = as_admin.post(OCR, {"template": "no placeholder"}, headers={"Accept-Language": language})
    assert answer.status_code == 400
    assert example(PATH, "post").items() <= answer.json().items()


def test_that_the_active_version_stays_is_told_in_the_contracts_words(as_admin: APIClient) -> None:
    answer = as_admin.delete(f"{OCR}/1", headers=THAI)
    assert answer.status_code == 400
    assert example(f"{PATH}/{{versionNumber}}", "delete").items() <= answer.json().items()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", OCR, {"template": "{{7*7}}"}, 400),
        ("post", OCR, {"template": "{{ocr_text}}" + "x" * 4000}, 400),
        ("post", "/api/ai/prompts/poem", {"template": "x"}, 400),
        ("delete", f"{OCR}/99", None, 404),
        ("post", f"{OCR}/1/activate", None, 200),
        ("post", f"{OCR}/render", {"variables": {}}, 400),
        ("post", f"{OCR}/1/sandbox", {}, 400),
        ("get", f"{OCR}/diff", None, 400),
    ],
)
def test_every_other_answer_speaks_thai_too(
    as_admin: APIClient, method: str, path: str, body: Any, status: int
) -> None:
    answer = getattr(as_admin, method)(path, body, headers=THAI)
    assert answer.status_code == status
    texts = [text for name, text in answer.json().items() if name != "data" and isinstance(text, str)]
    assert texts
    assert all(any("\u0e00" <= letter <= "\u0e7f" for letter in text) for text in texts)
