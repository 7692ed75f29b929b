"""What crosses the provider boundary: one error for vendors, one for the operator's configuration."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.utils.translation import gettext as _

from providers.base import Completion

#: Names shown in a message; the whole list stays on the exception.
NAMES_SHOWN = 40


class ErrorClass(StrEnum):
    """The classes of vendor failure (table in docs/adding-a-provider.md)."""

    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    AUTH = "auth"
    BAD_REQUEST = "bad_request"
    CONTENT_FILTER = "content_filter"
    STREAM_TRUNCATED = "stream_truncated"
    BAD_RESPONSE = "bad_response"
    TOO_LARGE = "too_large"


RETRYABLE = frozenset(
    {
        ErrorClass.RATE_LIMITED,
        ErrorClass.OVERLOADED,
        ErrorClass.TIMEOUT,
        ErrorClass.CONNECTION,
        ErrorClass.STREAM_TRUNCATED,
        ErrorClass.BAD_RESPONSE,
    }
)


class ProviderError(Exception):
    """A vendor call failed.

    `retry_after` is in seconds, as the vendor asked; `completion` keeps the text of an answer that the
    vendor's content filter cut. The message never holds a key.
    """

    def __init__(
        self,
        error_class: ErrorClass,
        message: str,
        *,
        retry_after: float | None = None,
        status_code: int | None = None,
        request_id: str = "",
        completion: Completion | None = None,
    ) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.message = message
        self.retry_after = retry_after
        self.status_code = status_code
        self.request_id = request_id
        self.completion = completion

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later."""
        return self.error_class in RETRYABLE


class ConfigurationError(Exception):
    """The call can't be made as things are set up; retrying changes nothing."""


class UnknownModel(ConfigurationError):
    """No configured provider serves the model. `available` lists what there is."""

    def __init__(self, model: str, available: Iterable[str], message: str = "") -> None:
        self.model = model
        self.available = list(available)
        super().__init__(
            message
            or _("Unknown model %(model)s. Available: %(available)s.")
            % {"model": model, "available": _listed(self.available)}
        )


class AmbiguousModel(UnknownModel):
    """Several configured providers have a model of that bare name; `available` holds their full names."""

    def __init__(self, model: str, candidates: Iterable[str]) -> None:
        names = list(candidates)
        super().__init__(
            model,
            names,
            _("Model %(model)s is ambiguous. Write one of: %(available)s.")
            % {"model": model, "available": _listed(names)},
        )


class MissingKey(UnknownModel):
    """The model's vendor is known, but the installation has no key for it."""

    def __init__(self, model: str, variable: str, available: Iterable[str]) -> None:
        names = list(available)
        super().__init__(
            model,
            names,
            _("Model %(model)s can't be used: %(variable)s is not set. Available: %(available)s.")
            % {"model": model, "variable": variable, "available": _listed(names)},
        )


class NoDefaultModel(UnknownModel):
    """A request named no model and the installation has no default one."""

    def __init__(self, available: Iterable[str]) -> None:
        names = list(available)
        super().__init__(
            "",
            names,
            _("Name a model, or set DEFAULT_MODEL. Available: %(available)s.") % {"available": _listed(names)},
        )


class UnsupportedOption(ConfigurationError):
    """The vendor has no such option; it is refused by name rather than dropped silently."""

    def __init__(self, alias: str, options: Iterable[str]) -> None:
        self.alias = alias
        self.options = sorted(options)
        super().__init__(
            _("%(provider)s does not support: %(options)s.") % {"provider": alias, "options": ", ".join(self.options)}
        )


def _listed(names: list[str]) -> str:
    if not names:
        return _("none")
    shown = ", ".join(names[:NAMES_SHOWN])
    hidden = len(names) - NAMES_SHOWN
    return shown if hidden <= 0 else _("%(names)s and %(count)d more") % {"names": shown, "count": hidden}
