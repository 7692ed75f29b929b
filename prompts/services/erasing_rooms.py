"""What other apps hold that hangs on requests and people, and goes with them (ERASING_ROOMS)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


class Room:
    """An app's part in erasing; each method does nothing unless the app has something of that kind.

    What writes is called in the transaction of the erasing.
    """

    def texts_erased(self, request_ids: Sequence[UUID]) -> None:
        """Erase what repeats texts of these requests, whose own are gone."""

    def still_needed(self, request_ids: Sequence[UUID]) -> set[UUID]:
        """Those of these requests whose facts can't be deleted yet."""
        return set()

    def facts_deleted(self, request_ids: Sequence[UUID]) -> None:
        """Delete what points at these requests, which are deleted next."""

    def holdings(self, user: Any) -> dict[str, int]:
        """How much is held of a person that `erase_person` would erase, by kind."""
        return {}

    def requests_about(self, user: Any) -> Iterator[list[UUID]]:
        """Requests of anybody that repeat what a person brought in, some at a time."""
        return iter(())

    def close_account(self, user: Any) -> None:
        """Take away every way into this account."""

    def erase_person(self, user: Any) -> None:
        """Erase what is held of a person whose account was closed, in transactions of its own. May be called again."""

    def tables_of(self, user: Any) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """Names of tables with all their rows about a person, as plain JSON and without secrets."""
        return iter(())

    def files_of(self, user: Any) -> Iterator[tuple[str, BinaryIO]]:
        """Names of files of a person, unique, each with its open content."""
        return iter(())


def rooms() -> list[Room]:
    """The parts of the apps that are installed."""
    return [import_string(path) for path in settings.ERASING_ROOMS]
