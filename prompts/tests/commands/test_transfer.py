"""`manage.py export_prompts` and `manage.py import_prompts`."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from audit.models import AuditEntry
from prompts.models import PromptVersion
from prompts.tests.commands.running import refusal, run
from prompts.tests.factories import make_user, make_version
from prompts.tests.personas import make_admin

pytestmark = pytest.mark.django_db

LETTER = """\
format: ai-prompt-manager prompts 1
types:
- slug: letter
  label: Letter
  versions:
  - number: 1
    active: true
    template: |
      Dear {{input}},
      bye.
"""


@pytest.fixture(autouse=True)
def admin() -> Any:
    return make_admin()


@pytest.fixture
def letter(tmp_path: Path) -> str:
    path = tmp_path / "letter.yaml"
    path.write_text(LETTER)
    return str(path)


def test_a_file_is_written_whole_and_audited(tmp_path: Path) -> None:
    path = tmp_path / "prompts.yaml"
    output, _errors = run("export_prompts", str(path), "--type", "text", "code", "--user", "admin")
    assert [kind["slug"] for kind in yaml.safe_load(path.read_text())["types"]] == ["code", "text"]
    assert output == f"Written to {path}.\n"
    assert list(tmp_path.iterdir()) == [path]
    assert AuditEntry.objects.get(action="prompts.exported").actor_label == "admin"


def test_standard_output_has_the_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "prompts.yaml"
    run("export_prompts", str(path))
    assert run("export_prompts", "-")[0] == path.read_text()


def test_what_can_not_be_written_was_not_exported(tmp_path: Path) -> None:
    error = refusal("export_prompts", str(tmp_path / "no" / "such" / "folder.yaml"))
    assert (error.returncode, "can't be written" in str(error)) == (2, True)
    assert not AuditEntry.objects.filter(action="prompts.exported").exists()


def test_an_unknown_type_is_refused(tmp_path: Path) -> None:
    assert refusal("export_prompts", "-", "--type", "nonsense").returncode == 2
    assert refusal("export_prompts", "-", "--type", "\udc80").returncode == 2


def test_an_import_says_what_it_did(letter: str) -> None:
    output, _errors = run("import_prompts", letter, "--user", "admin")
    assert output.splitlines() == [
        "1 types and 1 versions were created; 0 versions are here already.",
        "Activated were: letter v1.",
    ]
    assert PromptVersion.objects.get(prompt_type__slug="letter", is_active=True).template == "Dear {{input}},\nbye.\n"


def test_a_dry_run_says_what_it_would_do(letter: str) -> None:
    output, _errors = run("import_prompts", letter, "--user", "admin", "--dry-run")
    assert "would be created" in output
    assert not PromptVersion.objects.filter(prompt_type__slug="letter").exists()


def test_the_options_are_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "text.yaml"
    path.write_text(
        "format: ai-prompt-manager prompts 1\n"
        "types: [{slug: text, label: T, requires_review: true, versions: [\n"
        "  {number: 2, template: 'x {{input}}', active: true}]}]\n"
    )
    options = ["--user", "admin", "--change-types", "--activate"]
    assert "other than the author" in str(refusal("import_prompts", str(path), *options))
    output, _errors = run("import_prompts", str(path), *options, "--reason", "alone tonight")
    assert "Settings were changed: text (label, requires_review)." in output.splitlines()
    assert PromptVersion.objects.get(prompt_type__slug="text", is_active=True).version_number == 2


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(LETTER.encode()))):
        run("import_prompts", "-", "--user", "admin")
    assert PromptVersion.objects.filter(prompt_type__slug="letter").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/no/such/file", "--user", "admin"], "can't be read"),
        (["FILE", "--user", "nobody"], "no active user"),
        (["FILE", "--user", "somchai"], "may not change versions"),
        (["BROKEN", "--user", "admin"], "Nothing was imported.\nThe file can't be read"),
    ],
)
def test_what_can_not_be_imported_ends_with_the_exit_code_2(
    arguments: list[str], told: str, letter: str, tmp_path: Path
) -> None:
    make_user("somchai")
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: &a [*a]")
    error = refusal("import_prompts", *({"FILE": letter, "BROKEN": str(broken)}.get(word, word) for word in arguments))
    assert (error.returncode, told in str(error)) == (2, True)


@pytest.mark.django_db(transaction=True)
def test_the_shell_carries_a_file_from_one_command_to_the_other(child_environment: dict[str, str]) -> None:
    make_version("สวัสดี {{input}}\r\n\t🙂\n")

    def manage(*arguments: str, **given: Any) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=child_environment, capture_output=True, check=False, **given)

    exported = manage("export_prompts", "-")
    imported = manage("import_prompts", "-", "--user", "admin", "--dry-run", input=exported.stdout)
    assert (exported.returncode, imported.returncode) == (0, 0), imported.stderr
    assert b"0 types and 0 versions would be created" in imported.stdout
