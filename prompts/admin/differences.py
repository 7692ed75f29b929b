"""What a version would change, as the rows of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from prompts import comparison
from prompts.admin import display
from prompts.comparison import Line
from prompts.models import PromptVersion

SIGNS = {comparison.DELETE: "−", comparison.INSERT: "+", comparison.EQUAL: ""}
#: Browsers need seconds to lay out tables of a hundred thousand rows.
MOST_ROWS = 2_000
#: An answer of 1 MB may have half a million: comparing these takes seconds and hundreds of megabytes.
MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """A line of one text or of both; or, with `skipped`, so many lines that both have in common."""

    op: str = ""
    text: str = ""
    from_line: int | None = None
    to_line: int | None = None
    skipped: int = 0

    @property
    def sign(self) -> str:
        """Minus or plus, which are read aloud too."""
        return SIGNS.get(self.op, "")


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one part of a version: `MOST_ROWS` at most, and how many more there are."""

    label: str
    rows: list[Row]
    left_out: int
    direction: str


def differences(old: PromptVersion, new: PromptVersion) -> list[Difference]:
    """The parts of two versions that aren't the same."""
    pairs = [
        (_("Template"), old.template, new.template),
        (_("Model"), old.model, new.model),
        (_("Parameters"), display.pretty_json(old.parameters), display.pretty_json(new.parameters)),
        (_("Field schema"), display.pretty_json(old.field_schema), display.pretty_json(new.field_schema)),
    ]
    return [difference(label, before, after) for label, before, after in pairs if before != after]


def difference(label: str, before: str, after: str) -> Difference:
    """What differs in two texts; what comes after `MOST_LINES` of them is not compared but counted."""
    (old, old_rest), (new, new_rest) = _beginning(before), _beginning(after)
    rows = [*_rows(comparison.compare(old, new))]
    left_out = max(0, len(rows) - MOST_ROWS) + max(old_rest, new_rest)
    return Difference(label, rows[:MOST_ROWS], left_out, display.direction(after))


def _beginning(text: str) -> tuple[str, int]:
    """The first lines of a text, and how many follow."""
    lines = text.split("\n", MOST_LINES)
    if len(lines) <= MOST_LINES:
        return text, 0
    rest = lines.pop()
    return "\n".join(lines) + "\n", len(comparison.split(rest))


def _rows(lines: Sequence[Line]) -> Iterator[Row]:
    """The changed lines with their surroundings; what lies between is counted."""
    skipped = 0
    for line, is_near in zip(lines, _near_changes(lines), strict=True):
        if not is_near:
            skipped += 1
            continue
        if skipped:
            yield Row(skipped=skipped)
        skipped = 0
        yield Row(line.op, line.text.removesuffix("\n"), line.from_line, line.to_line)
    if skipped:
        yield Row(skipped=skipped)


def _near_changes(lines: Sequence[Line]) -> list[bool]:
    near = [False] * len(lines)
    for index, line in enumerate(lines):
        if line.op != comparison.EQUAL:
            start = max(0, index - comparison.CONTEXT_LINES)
            stop = min(len(lines), index + comparison.CONTEXT_LINES + 1)
            near[start:stop] = [True] * (stop - start)
    return near
