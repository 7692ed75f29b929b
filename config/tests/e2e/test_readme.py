"""What README.md tells a newcomer to type works as it stands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.tests.e2e.installation import PASSWORD, PROJECT, Installation

pytestmark = pytest.mark.serial

README = (PROJECT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def newcomers(prepared: Path) -> Iterator[Installation]:
    """What the first `make run` leaves: no key of a vendor, an administrator, the password in its file."""
    with tempfile.TemporaryDirectory(prefix="apm-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Installation(folder, environment={}, database=prepared) as installation:
            installation.sql("UPDATE users SET username = 'admin'")
            (folder / "admin-password").write_text(f"{PASSWORD}\n")
            installation.start_web()
            installation.start_worker()
            yield installation


def snippets(language: str, installation: Installation) -> list[str]:
    """The README's blocks in `language`, for this installation's port and folder instead of the usual ones."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert "127.0.0.1:8000" in blocks[0]
    assert ".data/" in blocks[0]
    return [_here(block, installation) for block in blocks]


def _here(block: str, installation: Installation) -> str:
    places = {
        "127.0.0.1:8000": f"127.0.0.1:{installation.port}",
        ".data/": f"{installation.folder}/",
        ".venv/bin/python": sys.executable,
    }
    for usual, own in places.items():
        block = block.replace(usual, own)
    return block


def printed_by(command: list[str], program: str, installation: Installation) -> str:
    result = subprocess.run(
        command, input=program, env=installation.environment, cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_first_request_with_curl_is_answered(newcomers: Installation) -> None:
    first, *_others = snippets("bash", newcomers)
    request = json.loads(printed_by(["bash", "-eu"], first, newcomers))
    assert (request["status"], request["simulated"]) == ("completed", True)
    assert "sky" in request["response"]["response_text"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_second_version_is_written_activated_and_listed_with_curl(newcomers: Installation) -> None:
    script = "\n".join(snippets("bash", newcomers)[:3])
    assert "Answer in one sentence." in printed_by(["bash", "-eu"], script, newcomers)
    assert newcomers.sql("SELECT version_number FROM prompt_versions WHERE prompt_type = 'text' AND is_active") == [
        (2,)
    ]
    rendered = newcomers.sql("SELECT count(*) FROM prompt_requests WHERE version_id IS NOT NULL")
    assert rendered == [(1,)]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_folder_of_documents_becomes_a_table_and_one_is_tried_out(newcomers: Installation) -> None:
    token, *_versions, folder, one = snippets("bash", newcomers)
    printed = printed_by(["bash", "-eu"], f"{token}\n{folder}\n{one}", newcomers)
    assert "invoice.txt,completed" in printed
    assert '"versionNumber":1' in printed


def test_the_first_request_with_python_is_answered(newcomers: Installation) -> None:
    (program,) = snippets("python", newcomers)
    printed = printed_by([sys.executable, "-I", "-"], program, newcomers)
    assert printed.startswith("completed [Simulated answer")


def test_the_first_request_from_the_shell_is_answered(newcomers: Installation) -> None:
    (arguments,) = re.findall(r"^\.venv/bin/python manage\.py ask (.*)$", README, re.MULTILINE)
    program = f"{sys.executable} manage.py ask {arguments}"
    assert "Why is the sky blue?" in printed_by(["bash", "-eu"], program, newcomers)
