"""Why a file could not be read, in words for the person who sent it."""

from __future__ import annotations

from django.utils.functional import lazy


def _translate(text: str) -> str:
    # Imported late: it takes longer than all else that the child imports, and the child never asks.
    from django.utils.translation import gettext

    return gettext(text)


_ = lazy(_translate, str)

ENCRYPTED = "encrypted"
BROKEN = "broken"
EMPTY = "empty"
UNSUPPORTED = "unsupported"
TOO_MANY_PAGES = "too_many_pages"
IMAGE_TOO_LARGE = "image_too_large"
TOO_MUCH_TEXT = "too_much_text"
OUT_OF_MEMORY = "out_of_memory"
OUT_OF_TIME = "out_of_time"
CRASHED = "crashed"
ERASED = "erased"

#: Translated when they are shown, into the language of whom they are shown to.
REASONS: dict[str, str] = {
    ENCRYPTED: _("The file is protected by a password. Remove the password and upload it again."),
    BROKEN: _("The file is damaged or incomplete. Open it to see whether it is whole, save it anew, and upload that."),
    EMPTY: _("The file is empty. Check that it was saved or scanned completely."),
    UNSUPPORTED: _("This kind of file can't be read. Use PDF, PNG, JPEG, TIFF or plain text."),
    TOO_MANY_PAGES: _("The file has too many pages. Split it into smaller files."),
    IMAGE_TOO_LARGE: _("A picture in the file is too large. Scan it at 300 dots per inch or fewer."),
    TOO_MUCH_TEXT: _("The file holds more text than can be taken. Split it into smaller files."),
    OUT_OF_MEMORY: _("Reading the file takes too much memory. Split it, or scan it at 300 dots per inch."),
    OUT_OF_TIME: _("Reading the file takes too long. Split it, or scan it anew at 300 dots per inch."),
    CRASHED: _("The file can't be read. Save or scan it anew; if that does not help, tell your administrator."),
    ERASED: _("The document was erased. Nothing of what it held is kept."),
}


class Unreadable(Exception):
    """A file gave no text. `reason` is a key of REASONS; `detail` says more for the log, in English."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Interrupted(Exception):
    """Reading was stopped from outside; it says nothing about the file."""
