"""Running a command in this process."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command


def run(name: str, *arguments: str) -> tuple[str, str]:
    """What the command prints, on standard output and on standard error."""
    output, errors = io.StringIO(), io.StringIO()
    call_command(name, *arguments, stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


def refusal(name: str, *arguments: str) -> CommandError:
    """The error with which the command ends."""
    with pytest.raises(CommandError) as refused:
        run(name, *arguments)
    return refused.value
