"""Hostile file names: a path, a line break or a hidden direction in the name of what is brought in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from documents.models import Document
from documents.tests.api.uploading import a_file, send
from prompts.tests.personas import client_of

DOCUMENTS = "/api/ai/documents/"
NAMES = [
    "../../../../etc/cron.d/evil.txt",
    "..\\..\\windows\\win.ini.txt",
    "/etc/passwd.txt",
    "C:\\boot.ini.txt",
    "file:///etc/passwd.txt",
    "....//....//evil.txt",
    "%2e%2e%2fevil.txt",
    "a\r\nSet-Cookie: session=evil\r\n.txt",
    'a"; filename="evil.html',
    "a\x00.txt",
    "invoice\u202etxt.exe",
    "<img src=x onerror=alert(1)>.txt",
    "x" * 900 + ".txt",
    ".htaccess",
    "CON.txt",
    "=cmd|' /C calc'!A0.txt",
    " .txt",
]


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "inside" / "media"
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_a_name_leads_to_no_other_file_and_breaks_no_header(root: Any, media: Path, name: str) -> None:
    api = client_of(root)
    answer = send(api, DOCUMENTS, {"file": named(name)})
    assert answer.status_code == 201, answer.content
    document = Document.objects.get()
    assert not set(document.name) & set("/\\\r\n\x00\u202e\u2066")
    kept = [path for path in media.rglob("*") if path.is_file()]
    # Those that say what has no row yet begin with the hash, too.
    assert {path.name.partition(".")[0] for path in kept} == {document.file.sha256}
    original = api.get(f"{DOCUMENTS}{document.pk}/original")
    assert original.status_code == 200
    assert "Set-Cookie" not in original.headers
    assert original.headers["Content-Disposition"].startswith("attachment;")
    assert original.headers["Content-Disposition"].isascii()


def named(name: str) -> Any:
    """A file whose name reaches the server as it is: Django's own class would keep its last part only."""
    file = a_file("Total 12.00")
    vars(file)["_name"] = name
    return file
