"""What tells of a request that was just taken in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from prompts.api.showing import shown
from prompts.services.idempotency import Answer


def created(user: Any, service: Any, **values: Any) -> Answer:
    """201 with the new request of `user` and its place."""
    prompt = service(user=user, **values)
    body = shown(prompt, username=user.username)
    return Answer(201, body, {"Location": reverse("prompt", kwargs={"id": prompt.pk})})
