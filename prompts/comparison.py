"""What two texts differ in, line by line. Pure, and of bounded cost whatever the texts are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

EQUAL = "equal"
DELETE = "delete"
INSERT = "insert"
SIGNS = {EQUAL: " ", DELETE: "-", INSERT: "+"}
CONTEXT_LINES = 3
#: Between the first difference and the last. `difflib` needs quadratic time and more: above this, seconds.
MOST_MATCHED_LINES = 1500


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its ending, and its number from 1 in the old and in the new text; None where it isn't there."""

    op: str
    from_line: int | None
    to_line: int | None
    text: str


def compare(old: str, new: str) -> list[Line]:
    """Every line of both texts in order, where lines are replaced the removed ones first.

    Only "\\n" ends a line. The texts of all lines that are not inserted make up `old`, of those that are not
    deleted `new`. With more than `MOST_MATCHED_LINES` from the first to the last difference, all of them count
    as replaced.
    """
    before, after = split(old), split(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old_end, new_end = len(before) - tail, len(after) - tail
    return [
        *_kept(before[:head], 0, 0),
        *_middle(before[head:old_end], after[head:new_end], head),
        *_kept(before[old_end:], old_end, new_end),
    ]


def split(text: str) -> list[str]:
    """The lines of a text with their endings; the last one may have none."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def unified(lines: Sequence[Line], old_name: str, new_name: str) -> str:
    """What `compare` gave as a unified diff that `patch` can apply; empty when nothing differs."""
    hunks = [_hunk(lines[start:stop]) for start, stop in _hunk_ranges(lines)]
    return "".join([f"--- {old_name}\n+++ {new_name}\n", *hunks]) if hunks else ""


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = zip(one, other, strict=False)
    return next((index for index, (line, twin) in enumerate(pairs) if line != twin), min(len(one), len(other)))


def _middle(before: list[str], after: list[str], offset: int) -> Iterator[Line]:
    for tag, start, stop, new_start, new_stop in _opcodes(before, after):
        if tag == "equal":
            yield from _kept(before[start:stop], offset + start, offset + new_start)
            continue
        for number, text in enumerate(before[start:stop], offset + start + 1):
            yield Line(DELETE, number, None, text)
        for number, text in enumerate(after[new_start:new_stop], offset + new_start + 1):
            yield Line(INSERT, None, number, text)


def _opcodes(before: list[str], after: list[str]) -> list[tuple[str, int, int, int, int]]:
    if max(len(before), len(after)) > MOST_MATCHED_LINES:
        return [("replace", 0, len(before), 0, len(after))]
    return [*SequenceMatcher(None, before, after).get_opcodes()]


def _kept(texts: Sequence[str], old_offset: int, new_offset: int) -> Iterator[Line]:
    for number, text in enumerate(texts, 1):
        yield Line(EQUAL, old_offset + number, new_offset + number, text)


def _hunk_ranges(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Where the changed lines are, with their context; those that touch are one."""
    ranges: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        if line.op == EQUAL:
            continue
        start, stop = max(0, index - CONTEXT_LINES), min(len(lines), index + CONTEXT_LINES + 1)
        if ranges and start <= ranges[-1][1]:
            start = ranges.pop()[0]
        ranges.append((start, stop))
    return ranges


def _hunk(lines: Sequence[Line]) -> str:
    old = _range([line.from_line for line in lines if line.from_line])
    new = _range([line.to_line for line in lines if line.to_line])
    return "".join([f"@@ -{old} +{new} @@\n", *map(_written, lines)])


def _range(numbers: Sequence[int]) -> str:
    return f"{numbers[0]},{len(numbers)}" if numbers else "0,0"


def _written(line: Line) -> str:
    end = "" if line.text.endswith("\n") else "\n\\ No newline at end of file\n"
    return f"{SIGNS[line.op]}{line.text}{end}"
