"""Identifiers of the tables that grow."""

import uuid

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7): new rows land at the end of the index."""
    return uuid_utils.compat.uuid7()
