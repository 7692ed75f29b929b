"""Text from outside, made fit for PostgreSQL and UTF-8."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD.

    Both are legal in JSON, so a vendor can send them; PostgreSQL stores neither. Halves of a surrogate pair
    that came in two pieces are joined.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\x00", "\ufffd")
