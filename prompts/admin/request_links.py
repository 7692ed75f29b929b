"""Where the pages of requests lead to."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from prompts.models import PromptRequest

LIST = "admin:prompts_promptrequest_changelist"


def comparison(left: UUID, right: UUID) -> str:
    """Two requests side by side."""
    return f"{reverse('admin:prompts_promptrequest_compare')}?{urlencode({'left': left, 'right': right})}"


def of_type(request: PromptRequest) -> str:
    """The requests of the same type."""
    return f"{reverse(LIST)}?{urlencode({'prompt_type__slug__exact': request.prompt_type_id})}"
