"""Waiting in the shell until a request has ended."""

from __future__ import annotations

import argparse
import math
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from rich.console import Console

from prompts.models import PromptRequest
from prompts.models.prompt_request import FINISHED

POLL_SECONDS = 0.1


def patience(text: str) -> float:
    """For --timeout: how long to wait; 0 is not at all. Raises ArgumentTypeError for what is no such number."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 on")
    return number


def wait(request: PromptRequest, *, seconds: float, show: bool) -> PromptRequest | None:
    """The finished request with its response, or None when it isn't finished after `seconds`.

    `show` turns a spinner on standard error.
    """
    rows = PromptRequest.objects.select_related("response").filter(pk=request.pk)
    deadline = time.monotonic() + seconds
    with _spinner() if show else nullcontext():
        while True:
            finished = _if_finished(rows)
            if finished is not None or time.monotonic() >= deadline:
                return finished
            time.sleep(POLL_SECONDS)


def _if_finished(rows: QuerySet[PromptRequest]) -> PromptRequest | None:
    """The request once it has ended. A database that is away for a moment is no reason to stop waiting."""
    try:
        return rows.filter(status__in=FINISHED).first()
    except (OperationalError, InterfaceError):
        connection.close()
        return None


def _spinner() -> AbstractContextManager[Any]:
    return Console(stderr=True).status("Waiting for the answer …")
