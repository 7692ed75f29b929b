"""Supply chain: what is installed is what was pinned, and pages load nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
LISTS = ["requirements.txt", "requirements-dev.txt"]
PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[A-Za-z0-9.!+_-]+( ; .+)?( --hash=sha256:[0-9a-f]{64})+")


def requirements(name: str) -> list[str]:
    """Each requirement in one line, with its hashes."""
    joined = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    lines = (" ".join(line.split()) for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", LISTS)
def test_every_package_has_one_version_and_its_hashes(name: str) -> None:
    found = requirements(name)
    assert len(found) > 20
    assert [line for line in found if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("name", [*LISTS, "requirements.in", "requirements-dev.in"])
def test_no_package_comes_from_another_place(name: str) -> None:
    for line in requirements(name):
        assert "://" not in line, line
        assert not line.startswith(("--index", "--extra-index", "--find-links", "--trusted", "-e", "git+")), line


def test_no_template_loads_anything_from_another_server() -> None:
    loading = re.compile(r"""<(?:script|link|img|iframe|object|embed)[^>]*(?:src|href|data)=["']?(?:https?:)?//""")
    templates = [path for path in ROOT.rglob("*.html") if ".venv" not in path.parts and ".data" not in path.parts]
    assert len(templates) > 50
    assert [path.name for path in templates if loading.search(path.read_text("utf-8"))] == []


def test_no_style_or_script_of_ours_loads_anything_from_another_server() -> None:
    loading = re.compile(r"""(?:url\(|@import|import\(|fetch\(|importScripts\()\s*["']?(?:https?:)?//""")
    places = [ROOT / app / "static" for app in ("config", "documents", "prompts")]
    files = [path for place in places for path in place.rglob("*.*") if path.suffix in {".css", ".js"}]
    assert files
    assert [path.name for path in files if loading.search(path.read_text("utf-8"))] == []
