"""`manage.py export_person` and `erase_person`: what is held of a person, given out and erased."""

from __future__ import annotations

import io
import os
import stat
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from prompts.management.people import REFUSED
from prompts.models import PromptRequest
from prompts.services import sealing
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_request, make_user
from prompts.tests.services.sealed import answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ann() -> Any:
    ann = make_user("ann", email="ann@example.com")
    make_request(ann, prompt_text="A secret.")
    return ann


@pytest.mark.usefixtures("ann")
def test_the_export_is_a_file_for_the_operator_alone(tmp_path: Path) -> None:
    path = tmp_path / "ann.zip"
    assert "prompt_requests: 1" in run("export_person", "ann", str(path))[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        assert b"A secret." in archive.read("prompt_requests.jsonl")


@pytest.mark.usefixtures("ann")
def test_the_export_replaces_no_file_and_leaves_no_half_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "there.zip"
    path.write_text("mine")
    assert refusal("export_person", "ann", str(path)).returncode == REFUSED
    assert path.read_text() == "mine"

    def fail(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("prompts.services.persons_export.export", fail)
    assert "No space left" in str(refusal("export_person", "ann", str(tmp_path / "half.zip")))
    assert os.listdir(tmp_path) == ["there.zip"]


@pytest.mark.usefixtures("ann")
def test_an_export_that_is_killed_leaves_nothing_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(user: Any, file: Any) -> dict[str, int]:
        file.write(b"half")
        file.flush()
        # As it is found by whoever comes after a kill -9.
        (left,) = tmp_path.iterdir()
        assert left.suffix == ".part"
        assert stat.S_IMODE(left.stat().st_mode) == 0o600
        return {}

    monkeypatch.setattr("prompts.services.persons_export.export", look)
    run("export_person", "ann", str(tmp_path / "ann.zip"))
    assert os.listdir(tmp_path) == ["ann.zip"]


def test_a_dry_run_tells_what_would_be_erased(ann: Any) -> None:
    output, _errors = run("erase_person", "ann", "--dry-run")
    for line in ("requests: 1", "unfinished_requests: 1", "documents: 0", "api_tokens: 0", "sessions: 0"):
        assert line in output.splitlines()
    ann.refresh_from_db()
    assert ann.is_active


def test_erasing_says_the_pseudonym_and_what_is_gone(ann: Any) -> None:
    output, progress = run("erase_person", "ann")
    assert f"erased-{ann.pk}" in progress
    assert progress.splitlines()[1:] == ["Texts of 1 request erased …"]
    assert output == "Done: texts of 1 request erased, 0 requests deleted.\n"
    assert PromptRequest.objects.get().prompt_text == ""
    run("erase_person", f"erased-{ann.pk}", "--delete-facts")
    assert not PromptRequest.objects.exists()


class Terminal(io.StringIO):
    """Somebody at the keyboard."""

    def isatty(self) -> bool:
        return True


def test_in_a_terminal_nobody_is_erased_without_a_yes(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert refusal("erase_person", "ann").returncode == REFUSED
    ann.refresh_from_db()
    assert ann.is_active
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    run("erase_person", "ann")
    ann.refresh_from_db()
    assert not ann.is_active


@pytest.mark.usefixtures("ann")
def test_whoever_says_so_before_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    run("erase_person", "ann", "--no-input")
    assert PromptRequest.objects.get().prompt_text == ""


def test_what_has_to_wait_makes_the_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LAG_SECONDS", 3600)
    (request,) = answered()
    waiting = refusal("erase_person", request.user.get_username())
    assert (waiting.returncode, "not sealed yet" in str(waiting)) == (1, True)


@pytest.mark.parametrize("name", ["export_person", "erase_person"])
def test_who_is_not_there_is_refused(name: str, tmp_path: Path) -> None:
    arguments = [str(tmp_path / "x.zip")] if name == "export_person" else []
    assert refusal(name, "nobody", *arguments).returncode == REFUSED


def test_the_last_manager_is_refused() -> None:
    make_user("root", is_superuser=True)
    assert "last active account" in str(refusal("erase_person", "root"))
