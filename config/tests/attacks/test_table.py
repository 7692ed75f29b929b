"""The list of attacks in docs/security.md: nothing on it is missing here, and nothing here is missing on it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
SECTION = PAGE.partition("## Attacks and their tests")[2].partition("\n## ")[0]
MODULE = re.compile(r"`([a-z_/0-9]+/(?:test_\w+\.py)?)`")
#: The classes of attacks that systems like this one were hit by, each in a word that its row must have.
CLASSES = """
request forgery|template injection|others' objects|without authentication|mass assignment|default passwords|JWT
API tokens|XSS|CSRF|clickjacking|redirect|CORS|caches|SQL injection|brute force|enumeration|key leakage|bombs
file names|log injection|formulas|50 MB|ReDoS|idempotency|supply chain
""".replace("\n", "|")


def rows() -> dict[str, list[str]]:
    """The modules of each class."""
    cells = [line.strip("|").split("|") for line in SECTION.splitlines() if line.startswith("| ")][1:]
    return {name.strip(): MODULE.findall(modules) for name, modules in cells}


@pytest.mark.parametrize("word", [word for word in CLASSES.split("|") if word])
def test_each_class_is_in_the_table(word: str) -> None:
    assert [name for name in rows() if word in name]


@pytest.mark.parametrize("name", rows())
def test_each_class_has_modules_with_tests(name: str) -> None:
    assert rows()[name]
    for module in rows()[name]:
        tree = ast.parse((ROOT / module).read_text("utf-8"))
        assert [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]


def test_each_module_of_attacks_is_in_the_table() -> None:
    here = {path.relative_to(ROOT).as_posix() for path in Path(__file__).parent.glob("test_*.py")}
    listed = {module for modules in rows().values() for module in modules}
    assert here - listed == {Path(__file__).relative_to(ROOT).as_posix()}


def test_each_module_that_the_page_names_exists() -> None:
    assert [name for name in MODULE.findall(PAGE) if "test" in name and not (ROOT / name).exists()] == []
