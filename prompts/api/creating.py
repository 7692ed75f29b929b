"""What tells of a request that was just taken in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, reverse

from prompts.api.showing import shown
from prompts.services.idempotency import Answer

NOTHING = UUID(int=0)


def created(user: Any, service: Any, **values: Any) -> Answer:
    """201 with the new request of `user` and its place."""
    prompt = service(user=user, **values)
    body = shown(prompt, username=user.username)
    return Answer(201, body, {"Location": _place(get_script_prefix()).format(prompt.pk)})


@lru_cache
def _place(_prefix: str) -> str:
    """The path of a request below that prefix, which `reverse` knows by itself; with braces in the place of the id."""
    return reverse("prompt", kwargs={"id": NOTHING}).replace(str(NOTHING), "{}")
