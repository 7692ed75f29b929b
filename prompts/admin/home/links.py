"""Where the figures lead: to the list of requests, filtered so that it shows what was counted.

The list goes by when requests came in, the figures by when they ended: the two differ by what was under way at the
window's beginning.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.urls import reverse

from prompts.services.figures.windows import Window


class Links:
    """Addresses of filtered lists; empty ones for who sees only their own requests, whose list would tell less."""

    def __init__(self, window: Window, *, sees_all: bool) -> None:
        self._list = reverse("admin:prompts_promptrequest_changelist") if sees_all else ""
        # Each stands in many addresses.
        self._moments = [quote(moment.isoformat()) for moment in (*window.starts, window.end)]

    def now(self, status: str) -> str:
        """The requests that have this status."""
        return f"{self._list}?{urlencode({'status__exact': status})}" if self._list else ""

    def ended(self, *, status: str = "", model: str = "", error_class: str = "") -> str:
        """The requests of the whole window."""
        chosen = {"status__exact": status, "model": model, "error_class": error_class}
        return self._between(self._moments[0], self._moments[-1], chosen)

    def bucket(self, position: int, *, status: str = "", model: str = "") -> str:
        """The requests of one hour or day of it."""
        begin, end = self._moments[position : position + 2]
        return self._between(begin, end, {"status__exact": status, "model": model})

    def _between(self, begin: str, end: str, chosen: dict[str, str]) -> str:
        if not self._list:
            return ""
        filters = urlencode({name: value for name, value in chosen.items() if value})
        return f"{self._list}?created_at__gte={begin}&created_at__lt={end}{'&' if filters else ''}{filters}"
