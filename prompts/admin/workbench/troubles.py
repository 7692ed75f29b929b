"""Why a test brought no answer, in words for whoever waits for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_UNKNOWN = _("Something went wrong. What is known of it stands below.")
_WORDS = {
    "rate_limited": _("The provider takes no more requests at the moment. Try again in a minute."),
    "quota_exhausted": _("The quota at the provider is used up. Whoever runs this installation has to raise it."),
    "overloaded": _("The provider is overloaded. Try again in a minute."),
    "timeout": _("The answer took too long. Try again, perhaps with a shorter text."),
    "connection": _("The provider can't be reached. Try again in a minute."),
    "auth": _("The provider refuses the key of this installation. Whoever runs it has to set another one."),
    "bad_request": _("The provider refuses this request: the model, a parameter or the length of the text."),
    "content_filter": _("The provider's filter for contents has stopped the answer."),
    "stream_truncated": _("The answer broke off before its end. Try again."),
    "bad_response": _("What the provider has sent can't be used. Try again."),
    "too_large": _(
        "The provider has sent more than an answer may have. Whoever runs this installation sets the limit."
    ),
    "configuration": _("This model isn't set up here any more. Choose another one."),
    "internal": _("A mistake of this program; its log tells more."),
    "worker_lost": _("The worker that asked for the answer was lost. Try again."),
    "unreadable_document": _("The document can't be read."),
}


def words(error_class: str) -> str:
    """What the class of an error means, and what can be done."""
    return str(_WORDS.get(error_class, _UNKNOWN))
