"""Things that a process remembers, up to a number."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """A dictionary for all threads, which forgets what it has had longest when it is full."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Key, Value] = {}
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """What was kept under this key, if it still is."""
        return self._values.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Keep it, in the place of what was there."""
        with self._lock:
            if key not in self._values and len(self._values) >= self._most:
                del self._values[next(iter(self._values))]
            self._values[key] = value

    def drop(self, key: Key) -> None:
        """Forget it."""
        with self._lock:
            self._values.pop(key, None)
