"""JSON as a tree that is opened and closed without scripts, bounded in size."""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

#: Members in all. A page of more takes a browser seconds to lay out.
MOST_MEMBERS = 2_000
MOST_CHARACTERS = 2_000
#: Levels that are open from the start.
OPEN_LEVELS = 2


class JsonTree:
    """A value and what is in it. `is_cut` tells, once it is made, whether something was left out."""

    def __init__(self, value: Any) -> None:
        self._left = MOST_MEMBERS
        self.is_cut = False
        self.html = format_html('<div class="json-tree" dir="ltr">{}</div>', self._value(value, 0))

    def _value(self, value: Any, depth: int) -> SafeString:
        if isinstance(value, dict) and value:
            return self._group([(str(key), child) for key, child in value.items()], depth)
        if isinstance(value, list) and value:
            return self._group([(str(number), child) for number, child in enumerate(value)], depth)
        return self._leaf(value)

    def _group(self, members: list[tuple[str, Any]], depth: int) -> SafeString:
        """The members behind a summary that tells their number."""
        shown = members[: self._left]
        self.is_cut = self.is_cut or len(shown) < len(members)
        self._left -= len(shown)
        lines = [(name, self._value(child, depth + 1)) for name, child in shown]
        rows = format_html_join("", '<li><bdi class="json-key">{}</bdi> {}</li>', lines)
        count = ngettext("%(number)d member", "%(number)d members", len(members)) % {"number": len(members)}
        shape = "<details open><summary>{}</summary><ul>{}</ul></details>"
        if depth >= OPEN_LEVELS:
            shape = "<details><summary>{}</summary><ul>{}</ul></details>"
        return format_html(shape, format_html("<bdi>{}</bdi>", count), rows)

    def _leaf(self, value: Any) -> SafeString:
        if isinstance(value, str):
            self.is_cut = self.is_cut or len(value) > MOST_CHARACTERS
            return format_html('<span class="json-text" dir="auto">{}</span>', value[:MOST_CHARACTERS])
        return format_html('<code class="json-other">{}</code>', json.dumps(value))
