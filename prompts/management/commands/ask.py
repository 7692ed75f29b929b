"""`manage.py ask`: send a prompt from the shell and wait for the answer."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management.base import BaseCommand, CommandError, CommandParser

from prompts.exceptions import DomainError
from prompts.management.waiting import wait
from prompts.models import PromptRequest
from prompts.models.prompt_request import Status
from prompts.services import submission

NOT_ANSWERED = 1
BAD_INPUT = 2
TIMED_OUT = 3
STOPPED = 130


class Command(BaseCommand):
    help = (
        "Send a prompt, wait, and print the answer. Exit code: 0 answered, 1 failed or cancelled, "
        "2 the input was refused, 3 no answer in time (the request goes on)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("prompt", help="the prompt; - reads it from standard input")
        add("--model", default="", help="provider/model; see list_models")
        add("--type", default="text", help="slug of the prompt type (default: text)")
        add("--purpose", default="", help="why it is asked")
        add("--user", default="", help="who asks (default: the first superuser)")
        add("--param", action="append", default=[], metavar="NAME=VALUE", help="an option of the model")
        add("--timeout", type=float, default=300.0, metavar="SECONDS", help="how long to wait (default: 300)")
        add("--json", action="store_true", help="print the request and its answer as JSON")

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
            user=_user(options["user"]),
            prompt_type=options["type"],
            prompt_text=sys.stdin.read() if options["prompt"] == "-" else options["prompt"],
            model=options["model"],
            purpose=options["purpose"],
            parameters=dict(map(_parameter, options["param"])),
        )
    except DomainError as error:
        raise CommandError(str(error.message), returncode=BAD_INPUT) from error


def _user(name: str) -> AbstractUser:
    users: Any = get_user_model().objects.filter(is_active=True).order_by("pk")
    wanted = {"username": name} if name else {"is_superuser": True}
    user: AbstractUser | None = users.filter(**wanted).first()
    if user is None and name:
        _refuse(f"There is no active user {name!r}.")
    if user is None:
        _refuse("There is no superuser yet. Name a user with --user.")
    return user


def _parameter(text: str) -> tuple[str, Any]:
    """`name=value` with a JSON value; what is no JSON is text."""
    name, separator, value = text.partition("=")
    if not name or not separator:
        _refuse(f"--param {text!r} can't be used. Write --param NAME=VALUE, for example --param temperature=0.2.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _refuse(sentence: str) -> NoReturn:
    raise CommandError(sentence, returncode=BAD_INPUT)


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
