"""Stored XSS: whatever anybody wrote into a name, a prompt, an answer or a label stays text on every page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from config.tests.attacks.crawling import Elements, crawl
from config.tests.attacks.hostile import fill
from prompts.tests.admin.conftest import signed_in

SCHEMES = ("javascript:", "data:", "vbscript:")
BROWSABLE = (
    "/api/ai/prompts/",
    "/api/ai/prompt-types/",
    "/api/ai/prompts/text",
    "/api/ai/documents/",
    "/api/ai/documents/batches/",
    "/api/ai/documents/sets/receipts",
    "/api/audit/",
    "/api/tokens/",
)


def alive(elements: Elements) -> list[str]:
    """What of a page could run, or was never meant to be an element."""
    found = [f"<{tag}>" for tag, _attributes in elements.found if tag == "xss-canary"]
    for tag, attributes in elements.found:
        found += [f"<{tag} {name}>" for name in attributes if name.startswith("on") or name == "srcdoc"]
        links = (attributes.get(name, "") for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"))
        found += [f"<{tag}> {link}" for link in links if link.strip().lower().startswith(SCHEMES)]
        if tag == "script" and "src" not in attributes and "json" not in attributes.get("type", ""):
            found.append("<script>")
    return found


def test_no_page_of_the_console_makes_an_element_of_it(root: Any, console: Client) -> None:
    fill(root)
    pages = crawl(console)
    assert {page.path: page.status for page in pages if page.status >= 500} == {}
    shown = [page for page in pages if page.is_html and "xss-canary" in page.text]
    assert len(shown) > 40
    assert {page.path: found for page in pages if page.is_html and (found := alive(page.elements))} == {}


@pytest.mark.parametrize("path", BROWSABLE)
def test_no_page_of_the_api_makes_an_element_of_it(root: Any, path: str) -> None:
    fill(root)
    answer = signed_in(root).get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "xss-canary" in answer.text
    assert "<xss-canary" not in answer.text
