"""`manage.py ask`, answered by a running engine."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from prompts.engine import Engine
from prompts.management import waiting
from prompts.models import PromptRequest
from prompts.services import lifecycle
from prompts.tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def superuser() -> Any:
    return make_user("root", is_superuser=True)


def ask(*arguments: str) -> tuple[str, str]:
    """What the command prints, on standard output and on standard error."""
    output, errors = io.StringIO(), io.StringIO()
    call_command("ask", *arguments, stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


def refusal(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as refused:
        ask(*arguments)
    return refused.value


def test_the_answer_is_printed(engine: Engine) -> None:
    output, _errors = ask("Hello?", "--param", 'simulate={"text": "Good day."}')
    assert output == "Good day.\n"


def test_a_simulated_answer_is_marked_beside_the_answer(engine: Engine) -> None:
    _output, errors = ask("Hello?")
    assert "This answer is simulated" in errors


def test_the_request_is_stored_with_what_the_options_say(engine: Engine, superuser: Any) -> None:
    ask("Hello?", "--model", "simulator/default", "--type", "code", "--purpose", "a test", "--param", "temperature=0.5")
    request = PromptRequest.objects.get()
    assert (request.user, request.prompt_type_id, request.purpose) == (superuser, "code", "a test")
    assert (request.prompt_text, request.model, request.parameters) == (
        "Hello?",
        "simulator/default",
        {"temperature": 0.5},
    )


def test_a_parameter_that_is_no_json_is_taken_as_text(engine: Engine) -> None:
    ask("Hello?", "--param", "system=Be brief.")
    assert PromptRequest.objects.get().parameters == {"system": "Be brief."}


def test_the_prompt_can_come_from_standard_input(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("From a file."))
    ask("-")
    assert PromptRequest.objects.get().prompt_text == "From a file."


def test_another_user_can_be_named(engine: Engine) -> None:
    other = make_user("somchai")
    ask("Hello?", "--user", "somchai")
    assert PromptRequest.objects.get().user == other


def test_the_whole_story_can_be_had_as_json(engine: Engine) -> None:
    output, _errors = ask("Hello?", "--json", "--param", 'simulate={"text": "ดี"}')
    story = json.loads(output)
    assert (story["status"], story["response_text"], story["simulated"]) == ("completed", "ดี", True)
    assert (story["cost"], story["attempts"]) == (None, 1)


def test_a_failure_is_told_with_its_class_and_the_exit_code_1(engine: Engine) -> None:
    error = refusal("Hello?", "--param", 'simulate={"error": "auth"}')
    assert error.returncode == 1
    assert str(error).startswith("auth: ")
    assert str(PromptRequest.objects.get().pk) in str(error)


def test_a_cancelled_request_ends_with_the_exit_code_1() -> None:
    def cancel(request: PromptRequest, **options: Any) -> PromptRequest:
        from prompts.services import submission

        return submission.cancel(request.pk)

    with patch("prompts.management.commands.ask.wait", side_effect=cancel, autospec=True):
        error = refusal("Hello?")
    assert (error.returncode, "was cancelled" in str(error)) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Hello?", "--model", "nobody/nothing"], "nobody/nothing"),
        (["Hello?", "--type", "nonsense"], "nonsense"),
        (["   "], "must not be empty"),
        (["Hello?", "--param", "temperature"], "Write --param NAME=VALUE"),
        (["Hello?", "--param", "base_url=http://x"], "base_url"),
        (["Hello?", "--user", "nobody"], "no active user 'nobody'"),
    ],
)
def test_input_that_is_refused_stores_nothing_and_ends_with_the_exit_code_2(
    arguments: list[str], sentence: str
) -> None:
    error = refusal(*arguments)
    assert error.returncode == 2
    assert sentence in str(error)
    assert not PromptRequest.objects.exists()


def test_a_deactivated_user_can_not_ask() -> None:
    make_user("gone", is_active=False)
    assert refusal("Hello?", "--user", "gone").returncode == 2


def test_without_a_superuser_it_says_to_name_a_user(superuser: Any) -> None:
    superuser.delete()
    assert "--user" in str(refusal("Hello?"))


def test_no_answer_in_time_names_the_request_that_goes_on_and_what_may_be_missing() -> None:
    error = refusal("Hello?", "--timeout", "0.2")
    assert error.returncode == 3
    assert str(PromptRequest.objects.get().pk) in str(error)
    assert "make run" in str(error)


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "soon"])
def test_a_timeout_that_is_none_is_refused_before_anything_is_asked(text: str) -> None:
    assert "is no number of seconds" in str(refusal("Hello?", f"--timeout={text}"))
    assert PromptRequest.objects.count() == 0


def test_ctrl_c_leaves_the_request_alone_and_names_it() -> None:
    with patch("prompts.management.commands.ask.wait", side_effect=KeyboardInterrupt, autospec=True):
        error = refusal("Hello?")
    request = PromptRequest.objects.get()
    assert (error.returncode, request.status) == (130, "pending")
    assert str(request.pk) in str(error)


def test_a_terminal_gets_a_spinner(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    from prompts.services import submission

    request = submission.submit(user=make_user(), prompt_type="text", prompt_text="Hello?")
    with patch.object(waiting, "_spinner", wraps=waiting._spinner) as spinner:
        waiting.wait(request, seconds=10, show=True)
    spinner.assert_called_once_with()


def test_the_shell_gets_answer_and_exit_code(engine: Engine, child_environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "ask", "Hello?", "--param", 'simulate={"text": "Good day."}']
    answered = subprocess.run(command, env=child_environment, capture_output=True, text=True, check=False)
    refused = subprocess.run([*command, "--type", "x"], env=child_environment, capture_output=True, check=False)
    assert (answered.returncode, answered.stdout) == (0, "Good day.\n")
    assert (refused.returncode, refused.stdout) == (2, b"")


def test_a_database_connection_that_breaks_does_not_end_the_waiting(engine: Engine) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    breaker = Timer(0.5, terminate, [pid])
    breaker.start()
    output, _errors = ask("Hello?", "--param", 'simulate={"latency_ms": 1500, "text": "Still here."}')
    breaker.join()
    assert output.strip() == "Still here."


def terminate(pid: int) -> None:
    """End another session of PostgreSQL, as a restart does."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        connection.close()


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_text_that_can_not_be_stored_is_refused_with_the_exit_code_2(text: str) -> None:
    assert refusal(text).returncode == 2


def test_values_for_placeholders_render_the_active_version(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes("ดี\r\n".encode())
    version = make_version("{{greeting}} {{input}}", model="simulator/default")
    lifecycle.activate_version("text", version.version_number, actor=make_user())
    ask("--var", "greeting=a=b", "--var", f"input=@{path}")
    request = PromptRequest.objects.get()
    assert (request.prompt_text, request.version) == ("a=b ดี\r\n", version)


def test_another_version_can_be_named(engine: Engine) -> None:
    version = make_version("Say {{input}}.")
    ask("--version", str(version.version_number), "--var", "input=hello")
    assert PromptRequest.objects.get().prompt_text == "Say hello."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Give a prompt, or values"),
        (["Hello?", "--var", "input=x"], "Give either a prompt, or"),
        (["Hello?", "--version", "1"], "Give either a prompt, or"),
        (["--version", "1"], "input is missing"),
        (["--version", "99", "--var", "input=x"], "no version 99"),
        (["--var", "other=x", "--var", "input=y"], "{{other}}"),
        (["--var", "input"], "NAME=VALUE"),
        (["--var", "input=@/no/such/file"], "can't be read"),
        (["--var", f"input=@{sys.executable}"], "no text in UTF-8"),
    ],
)
def test_values_that_can_not_be_used_end_with_the_exit_code_2(arguments: list[str], sentence: str) -> None:
    error = refusal(*arguments)
    assert (error.returncode, sentence in str(error)) == (2, True)
