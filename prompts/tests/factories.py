"""Rows for tests, with only what a test names differing from the ordinary."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F
from django.db.models.functions import Now

from prompts.models import PromptRequest, PromptVersion
from prompts.services import lifecycle
from prompts.services.execution import Claim, Failure, Result
from providers.base import Completion, FinishReason, Usage

_numbers = count(1)


def make_user(username: str = "", **values: Any) -> Any:
    """A saved user without a usable password."""
    return get_user_model().objects.create_user(username or f"user{next(_numbers)}", **values)


def make_request(user: Any = None, **values: Any) -> PromptRequest:
    """A pending request to the simulator."""
    values = {"prompt_type_id": "text", "model": "simulator/default", "prompt_text": "Say hello."} | values
    return PromptRequest.objects.create(user=user or make_user(), **values)


def completed(claim: Claim, text: str = "Hello.", **given: Any) -> Result:
    """The result of a call that went well."""
    values: dict[str, Any] = {
        "finish_reason": FinishReason.STOP,
        "usage": Usage(input_tokens=3, output_tokens=2),
    } | given
    return Result(claim, 120, completion=Completion(text=text, model="default", **values))


def failed(claim: Claim, error_class: str = "overloaded", **values: Any) -> Result:
    """The result of a call that didn't."""
    return Result(claim, 80, failure=Failure(error_class, "It did not work.", **values))


def let_lease_run_out(request: PromptRequest) -> None:
    """As if the worker had not renewed its lease for a while."""
    PromptRequest.objects.filter(pk=request.pk).update(lease_expires_at=Now() - timedelta(seconds=1))


def make_due(request: PromptRequest) -> None:
    """As if the wait before the next attempt were over."""
    PromptRequest.objects.filter(pk=request.pk).update(next_attempt_at=F("created_at"))


def make_version(template: str = "Say {{input}}.", author: Any = None, **values: Any) -> PromptVersion:
    """A new version, inactive, of the type `text` unless another is named."""
    values = {"prompt_type": "text"} | values
    return lifecycle.create_version(template=template, actor=author or make_user(), **values)
