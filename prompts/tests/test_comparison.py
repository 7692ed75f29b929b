"""The comparison of two texts: nothing lost, and of bounded cost."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.comparison import DELETE, EQUAL, INSERT, MOST_MATCHED_LINES, Line, compare, unified

SECONDS = 2.0
HUNK = re.compile(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@\n")
#: Few different lines, so that many are found in both.
texts = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "a\r\n", "\u2028\n", "x"])).map("".join)


def patched(old: str, diff: str) -> str:
    """What `patch` would make of it."""
    *lines, rest = re.split(r"(?<=\n)", old)
    source, result, position = [*lines, *([rest] if rest else [])], [], 0
    entries = re.split(r"(?<=\n)(?=[-+ @\\])", diff)[2:]
    for index, entry in enumerate(entries):
        if header := HUNK.match(entry):
            start = max(int(header[1]) - 1, 0)
            result += source[position:start]
            position = start
            continue
        bare = index + 1 < len(entries) and entries[index + 1].startswith("\\")
        text = entry[1:].removesuffix("\n") if bare else entry[1:]
        if entry[0] in " -":
            assert source[position] == text
            position += 1
        if entry[0] in " +":
            result.append(text)
    return "".join([*result, *source[position:]])


@given(texts, texts)
def test_both_texts_can_be_made_again_of_the_lines(old: str, new: str) -> None:
    lines = compare(old, new)
    assert "".join(line.text for line in lines if line.op != INSERT) == old
    assert "".join(line.text for line in lines if line.op != DELETE) == new


@given(texts, texts)
def test_lines_are_numbered_as_they_stand_in_their_texts(old: str, new: str) -> None:
    lines = compare(old, new)
    before = [line.from_line for line in lines if line.op != INSERT]
    after = [line.to_line for line in lines if line.op != DELETE]
    assert (before, after) == ([*range(1, len(before) + 1)], [*range(1, len(after) + 1)])
    assert all((line.from_line is None) == (line.op == INSERT) for line in lines)
    assert all((line.to_line is None) == (line.op == DELETE) for line in lines)


@given(texts, texts)
def test_the_unified_diff_makes_the_new_text_of_the_old_one(old: str, new: str) -> None:
    diff = unified(compare(old, new), "old", "new")
    assert (patched(old, diff) if diff else old) == new


def test_equal_texts_have_no_unified_diff() -> None:
    assert unified(compare("a\nb", "a\nb"), "old", "new") == ""


def test_a_change_is_shown_with_three_lines_around_it() -> None:
    old = "".join(f"{number}\n" for number in range(1, 10))
    assert unified(compare(old, old.replace("5", "five")), "text v1", "text v2") == (
        "--- text v1\n+++ text v2\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
    )


def test_a_line_is_kept_and_another_one_replaced() -> None:
    assert compare("a\nb\n", "a\nc\n") == [
        Line(EQUAL, 1, 1, "a\n"),
        Line(DELETE, 2, None, "b\n"),
        Line(INSERT, None, 2, "c\n"),
    ]


#: Pairs that make a line-by-line comparison take its longest, each near 100,000 characters.
SLOW = {
    "every second line changed": [
        "".join(f"{mark}{number}\n" if number % 2 else f"same{number}\n" for number in range(MOST_MATCHED_LINES))
        for mark in ("old", "new")
    ],
    "lines that come back, among changed ones": [
        "".join(f"{mark}{number}\n{number % 75}\n" for number in range(MOST_MATCHED_LINES // 2))
        for mark in ("old", "new")
    ],
    "fifty thousand lines": ["a\n" * 50_000, "b\n" * 50_000],
    "twenty thousand lines, every second changed": [
        "".join(f"{mark}{number}\n" if number % 2 else f"{number}\n" for number in range(18_000)) for mark in "xy"
    ],
    "one line": ["a" * 100_000, "b" * 100_000],
    "empty lines": ["\n" * 100_000, "\n" * 99_999 + "x"],
}


@pytest.mark.parametrize("name", SLOW)
def test_the_longest_templates_are_compared_in_bounded_time(name: str) -> None:
    old, new = SLOW[name]
    started = time.process_time()
    unified(compare(old, new), "old", "new")
    assert time.process_time() - started < SECONDS
