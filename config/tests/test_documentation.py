"""Every link and every path in the documentation leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
FILE = re.compile(r"`((?:audit|benchmarks|config|docs|documents|prompts|providers)/[\w./-]+\.\w+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub turns them into anchors."""
    headings = HEADING.findall(BLOCK.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, target: str, anchor: str) -> bool:
    if target.startswith(("http://", "https://")):
        return True
    file = page.parent / target if target else page
    return file.exists() and (not anchor or anchor in anchors(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(BLOCK.sub("", page.read_text("utf-8")))
    assert [link for link in links if not leads_somewhere(page, *link)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_files_that_are_named_exist(page: Path) -> None:
    assert [name for name in FILE.findall(page.read_text("utf-8")) if not (PROJECT / name).exists()] == []


@pytest.mark.parametrize("page", sorted((PROJECT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_the_readme_leads_to(page: Path) -> None:
    assert f"](docs/{page.name})" in PAGES[0].read_text("utf-8")


def test_what_the_documentation_says_to_make_can_be_made() -> None:
    said = {
        target for page in PAGES for target in re.findall(r"(?:^|`|=\S+ )make ([a-z-]+)", page.read_text("utf-8"), re.M)
    }
    can_be = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert {"run", "test"} <= said <= can_be
