"""What the log refuses."""

from __future__ import annotations


class NotInTransaction(RuntimeError):
    """An entry was to be written outside the transaction of the change that it tells of."""
