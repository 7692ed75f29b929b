"""`manage.py ask`: send a prompt from the shell and wait for the answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prompts.exceptions import DomainError
from prompts.management.people import REFUSED, find_user, refuse
from prompts.management.waiting import patience, wait
from prompts.models import PromptRequest
from prompts.models.prompt_request import Status
from prompts.services import submission

NOT_ANSWERED = 1
TIMED_OUT = 3
STOPPED = 130
VAR_HELP = "a value for a placeholder of the type's active version, instead of a prompt; @FILE reads it from a file"


class Command(BaseCommand):
    help = (
        "Send a prompt, wait, and print the answer. Exit code: 0 answered, 1 failed or cancelled, "
        "2 the input was refused, 3 no answer in time (the request goes on)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("prompt", nargs="?", help="the prompt; - reads it from standard input")
        add("--var", action="append", metavar="NAME=VALUE", help=VAR_HELP)
        add("--version", type=int, metavar="N", help="with --var: this version's template, active or not")
        add("--model", default="", help="provider/model; see list_models")
        add("--type", default="text", help="slug of the prompt type (default: text)")
        add("--purpose", default="", help="why it is asked")
        add("--user", default="", help="who asks (default: the first superuser)")
        add("--param", action="append", default=[], metavar="NAME=VALUE", help="an option of the model")
        add("--timeout", type=patience, default=300.0, metavar="SECONDS", help="how long to wait (default: 300)")
        add("--json", action="store_true", help="print the request and its answer as JSON")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own --version, of Django, gives way to the prompt's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        request = _submit(options)
        try:
            finished = wait(request, seconds=options["timeout"], show=self.stderr.isatty())
        except KeyboardInterrupt:
            raise CommandError(f"Stopped waiting. The request goes on: {request.pk}", returncode=STOPPED) from None
        if finished is None:
            raise CommandError(_too_late(request, options["timeout"]), returncode=TIMED_OUT)
        self._print(finished, as_json=options["json"])
        if finished.status != Status.COMPLETED:
            raise CommandError(_why(finished), returncode=NOT_ANSWERED)

    def _print(self, request: PromptRequest, *, as_json: bool) -> None:
        if request.simulated:
            self.stderr.write(self.style.WARNING("This answer is simulated: no vendor was asked."))
        if as_json:
            self.stdout.write(json.dumps(_as_dict(request), indent=2, ensure_ascii=False))
        elif hasattr(request, "response"):
            self.stdout.write(request.response.response_text)


def _submit(options: dict[str, Any]) -> PromptRequest:
    try:
        return submission.submit(
            user=find_user(options["user"]),
            prompt_type=options["type"],
            prompt_text=sys.stdin.read() if options["prompt"] == "-" else options["prompt"],
            variables=_variables(options),
            version_number=options["version"],
            model=options["model"],
            purpose=options["purpose"],
            parameters=dict(map(_parameter, options["param"])),
        )
    except DomainError as error:
        raise CommandError(str(error.message), returncode=REFUSED) from error


def _variables(options: dict[str, Any]) -> dict[str, str] | None:
    """What the placeholders are filled with; None for a prompt that is given as it is."""
    given = options["var"]
    if options["prompt"] is None and given is None and options["version"] is None:
        refuse("Give a prompt, or values for a version's placeholders with --var NAME=VALUE.")
    if options["prompt"] is not None and (given is not None or options["version"] is not None):
        refuse("Give either a prompt, or --var and --version.")
    return None if options["prompt"] is not None else dict(map(_variable, given or []))


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        refuse(f"--var {text!r} can't be used. Write --var NAME=VALUE or --var NAME=@FILE.")
    if not value.startswith("@"):
        return name, value
    try:
        return name, Path(value[1:]).read_bytes().decode()
    except OSError as error:
        refuse(f"--var {name}: {value[1:]} can't be read: {error.strerror}.")
    except UnicodeDecodeError:
        refuse(f"--var {name}: {value[1:]} is no text in UTF-8.")


def _parameter(text: str) -> tuple[str, Any]:
    """`name=value` with a JSON value; what is no JSON is text."""
    name, separator, value = text.partition("=")
    if not name or not separator:
        refuse(f"--param {text!r} can't be used. Write --param NAME=VALUE, for example --param temperature=0.2.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _too_late(request: PromptRequest, seconds: float) -> str:
    request.refresh_from_db()
    hint = "" if request.attempt_count else " No worker has taken it: is one running (`make run`)?"
    return f"No answer within {seconds:g} seconds. The request goes on: {request.pk}.{hint}"


def _why(request: PromptRequest) -> str:
    if request.status == Status.CANCELLED:
        return f"The request was cancelled: {request.pk}"
    return f"{request.error_class}: {request.error_message} (request {request.pk})"


def _as_dict(request: PromptRequest) -> dict[str, Any]:
    response = getattr(request, "response", None)
    return {
        "id": str(request.pk),
        "status": request.status,
        "model": request.model,
        "simulated": request.simulated,
        "error_class": request.error_class,
        "error_message": request.error_message,
        "attempts": request.attempt_count,
        "response_text": response.response_text if response else None,
        "finish_reason": response.finish_reason if response else None,
        "duration_ms": response.duration_ms if response else None,
        "input_tokens": response.input_tokens if response else None,
        "output_tokens": response.output_tokens if response else None,
        "cost": str(response.cost) if response and response.cost is not None else None,
    }
