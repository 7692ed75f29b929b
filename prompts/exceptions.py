"""What the services refuse, in words for the developer and for the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule said no. `errors` names the fields at fault, if any; `retry_after` is in seconds."""

    user_message: str | Promise = _("The request could not be carried out.")
    recovery_action: str | Promise = _("Check what you sent and try again.")
    retry_after: int | None = None

    def __init__(
        self,
        message: str | Promise,
        *,
        errors: Mapping[str, Sequence[str | Promise]] | None = None,
        user_message: str | Promise = "",
        recovery_action: str | Promise = "",
    ) -> None:
        super().__init__(str(message))
        self.message = message
        self.errors = errors or {}
        self.user_message = user_message or self.user_message
        self.recovery_action = recovery_action or self.recovery_action


class InvalidInput(DomainError):
    """A field holds what can't be accepted (400)."""

    user_message = _("Some of what you entered can't be used.")
    recovery_action = _("Correct the fields that are named and send it again.")

    @classmethod
    def on(cls, field: str, message: str | Promise) -> InvalidInput:
        """The error of one field."""
        return cls(message, errors={field: [message]})


class ActiveVersionStays(InvalidInput):
    """The active version was to be deleted (400)."""

    user_message = recovery_action = _("Activate another version first, then delete this one.")


class NotFound(DomainError):
    """There is no such thing, or it is not yours to see (404)."""

    user_message = _("This was not found.")
    recovery_action = _("Check the address, or go back to the list and choose from there.")


class Conflict(DomainError):
    """The state does not allow it (409)."""

    user_message = _("This can't be done in its present state.")
    recovery_action = _("Reload to see the present state.")


class NoActiveVersion(Conflict):
    """The type has no active version to render (409)."""

    user_message = _("This prompt type has no active version.")
    recovery_action = _(
        "Activate a version of it, or name one in version_number, or send a finished text as prompt_text."
    )


class ReviewRequired(DomainError):
    """The type demands a second person, and the activator is the version's author (403)."""

    user_message = _("Somebody other than its author has to activate this version.")
    recovery_action = _(
        "Ask a colleague to activate it. In an emergency give the reason in bypassReason; it is recorded."
    )


class GateClosed(DomainError):
    """The type demands an accuracy that the version has not reached (403)."""

    user_message = _("This version has not passed the test that its type demands.")
    recovery_action = _(
        "Run it on the labelled set and try again. In an emergency give the reason in bypassReason; it is recorded."
    )


class StillRunning(Conflict):
    """The same keyed request is being carried out right now (409)."""

    user_message = _("The same request is already being processed.")
    recovery_action = _("Wait a second and send it again with the same key.")
    retry_after = 1


class KeyReused(DomainError):
    """An Idempotency-Key came again with another body (422)."""

    user_message = _("This key was already used for a different request.")
    recovery_action = _("Use a new Idempotency-Key for a new request.")


class TooManyUnfinished(DomainError):
    """The user has as many unfinished requests as they may (429)."""

    user_message = _("You have too many unfinished requests.")
    recovery_action = _("Wait until some of them have finished, or cancel some, then try again.")
    retry_after = 5


class TooManyDownloads(DomainError):
    """As many downloads are under way as this server allows (503)."""

    user_message = _("Too many files are being downloaded at the moment.")
    recovery_action = _("Try again in a few seconds.")
    retry_after = 5
