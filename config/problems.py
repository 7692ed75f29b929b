"""The body of every error: `{message, userMessage, recoveryAction}`, and `errors` by field if fields are at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from prompts.api.rendering import to_json

Text = str | Promise
#: What the user reads, and what they can do, where the error itself doesn't say it better.
ADVICE: dict[int, tuple[Text, Text]] = {
    400: (_("The request can't be understood."), _("Correct what the message names and send it again.")),
    401: (_("You are not signed in."), _("Sign in, or get a new token, and try again.")),
    403: (_("You are not allowed to do this."), _("Ask an administrator for access.")),
    404: (_("This was not found."), _("Check the address, or go back to the list and choose from there.")),
    405: (_("This can't be done here."), _("Use one of the methods that the Allow header names.")),
    406: (_("The answer isn't available in that format."), _("Ask for application/json in the Accept header.")),
    413: (_("What you sent is too large."), _("Send less at once.")),
    415: (
        _("What you sent is not in a format that is understood."),
        _("Send JSON as application/json, and files as multipart/form-data."),
    ),
    429: (_("Too many attempts."), _("Wait as long as the Retry-After header says, then try again.")),
    500: (
        _("Something went wrong on our side."),
        _("Try again later. If it happens again, report the correlation id."),
    ),
    503: (_("The service is not available right now."), _("Try again in a few seconds.")),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as the API tells it: `message` for the developer, the rest for the person at the screen."""

    status: int
    message: Text
    user_message: Text = ""
    recovery_action: Text = ""
    errors: Mapping[str, Sequence[Text]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON object, in the language that is active now."""
        user_message, recovery_action = ADVICE.get(self.status, ADVICE[400 if self.status < 500 else 500])
        body: dict[str, Any] = {
            "message": str(self.message),
            "userMessage": str(self.user_message or user_message),
            "recoveryAction": str(self.recovery_action or recovery_action),
        }
        if self.errors:
            body["errors"] = {name: [str(text) for text in texts] for name, texts in self.errors.items()}
        return body


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a JSON response, for code outside the API's views. Speaks the request's language."""
    with translation.override(translation.get_language_from_request(request)):
        content = to_json(problem.body())
    return HttpResponse(content, status=problem.status, content_type="application/json", headers=dict(problem.headers))


def is_api(request: HttpRequest) -> bool:
    """Whether the caller speaks JSON: everything below /api/ does."""
    return request.path_info == "/api" or request.path_info.startswith("/api/")
