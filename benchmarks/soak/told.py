"""What the journal of the clients shows by itself. Pure: entries in, sentences about what is wrong out."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.soak.journal import Entry

CREATING = ("ask", "ask with key", "resolve by asking", "try out")
RESOLVING = ("resolve", "resolve by asking", "try out")
FINAL = ("completed", "failed", "cancelled")


def accepted(entries: Iterable[Entry], kinds: Sequence[str] = CREATING) -> set[str]:
    """The ids that calls of these kinds were answered with."""
    return {entry["id"] for entry in entries if entry["do"] in kinds and "id" in entry}


def surprises(entries: Iterable[Entry]) -> list[str]:
    """Answers that no client may get, whatever is broken, and clients that gave up."""
    strange = [f"{e['do']}: {e['status']} {e['surprise']}" for e in entries if "surprise" in e]
    return strange + [f"{e['facts']}: not done after minutes" for e in entries if e["do"] == "gave up"]


def two_answers_to_a_key(entries: Iterable[Entry]) -> list[str]:
    """Keys that were answered with more than one id, or number of a version."""
    ids: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if "key" in entry and ("id" in entry or "number" in entry):
            ids[entry["key"]].add(str(entry.get("id", entry.get("number"))))
    return [f"{key}: {sorted(found)}" for key, found in ids.items() if len(found) > 1]


def numbers_given_twice(entries: Iterable[Entry]) -> list[str]:
    """Numbers that two versions were given."""
    templates: dict[int, set[str]] = defaultdict(set)
    for entry in entries:
        if entry["do"] == "write version" and "number" in entry:
            templates[entry["number"]].add(entry["sha256"])
    return [f"version {number}" for number, found in templates.items() if len(found) > 1]


def changed_ends(entries: Iterable[Entry]) -> list[str]:
    """Requests that were seen in more than one final state."""
    ends: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.get("state") in FINAL and "replayed" not in entry:
            ends[entry["id"]].add(entry["state"])
    return [f"{request}: {sorted(found)}" for request, found in ends.items() if len(found) > 1]


def ends_seen(entries: Iterable[Entry]) -> dict[str, str]:
    """The final state in which each request was seen."""
    return {e["id"]: e["state"] for e in entries if e.get("state") in FINAL and "replayed" not in e}


def stale_reads(entries: Iterable[Entry]) -> list[str]:
    """Reads of the active version that began after an activation had returned, and gave the version of before.

    One client activates, one version after the other; a call that was not answered may or may not have been done. A
    read may give the version of the last activation that had returned when it began, or of any that began before it
    ended.
    """
    known = list(entries)
    acts = sorted((e for e in known if e["do"] == "activate"), key=lambda entry: entry["begun"])
    reads = [e for e in known if e["do"] in RESOLVING and "version" in e and "replayed" not in e]
    begun = [act["begun"] for act in acts]
    done = sorted((act["ended"], place) for place, act in enumerate(acts) if act["status"] == 200)
    returned = [ended for ended, _place in done]
    return [_sentence(read) for read in reads if read["version"] not in _allowed(read, acts, begun, done, returned)]


def _allowed(
    read: Entry, acts: list[Entry], begun: list[float], done: list[tuple[float, int]], returned: list[float]
) -> set[int]:
    last = bisect_right(returned, read["begun"]) - 1
    first = done[last][1] if last >= 0 else 0
    return {act["version"] for act in acts[first : bisect_right(begun, read["ended"])]}


def _sentence(read: Entry) -> str:
    return f"{read['do']} of {read['begun']:.3f} to {read['ended']:.3f} gave version {read['version']}"


def counts(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    """By what was done: how many calls, and how many of them got no answer or were refused for an outage."""
    known = list(entries)
    calls, lost = Counter(e["do"] for e in known), Counter(e["do"] for e in known if e["status"] in (0, 503))
    return {do: {"calls": number, "outage": lost[do]} for do, number in sorted(calls.items())}
