"""What somebody types into the search box."""

from __future__ import annotations

from uuid import UUID


def identified_by(text: str) -> UUID | None:
    """The id that `text` is, in any of its spellings, or None when it is something else."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None
