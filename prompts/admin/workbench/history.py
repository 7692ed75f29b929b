"""The history: the versions of a type, newest first, with what can be done with each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, QuerySet, Value
from django.utils.safestring import SafeString

from prompts.admin import display, version_display
from prompts.admin.version_display import LONG_COLUMNS
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.models.prompt_version import MAX_NOTE_LENGTH

STEP = 20
#: Longer histories are for the list of versions, which has pages.
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class View:
    """What of the history its reader looks at: so many versions, with the deleted ones or without."""

    loaded: int | None
    shown: int = STEP
    with_deleted: bool = False

    @classmethod
    def asked(cls, query: Any, loaded: int | None) -> View:
        """As the address says; what it doesn't say well is as if it said nothing."""
        text = query.get("shown", "")
        shown = int(text) if text.isdecimal() and len(text) < 6 else STEP
        return cls(loaded, max(STEP, min(shown, MOST_SHOWN)), query.get("deleted") == "1")

    def address(self, **changes: Any) -> str:
        """The address of the same look with `changes`, from the question mark on."""
        asked = {"version": self.loaded, "shown": self.shown, "deleted": int(self.with_deleted)} | changes
        usual = {"version": None, "shown": STEP, "deleted": 0}
        said = {name: value for name, value in asked.items() if value != usual.get(name)}
        return f"?{urlencode(said)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A version as a line of the history."""

    version: PromptVersion
    name: str
    state: SafeString | str
    is_loaded: bool
    test: SafeString | None
    tested: SafeString | None
    created: SafeString | None
    uses: str
    load: str
    compare: str

    @property
    def note(self) -> str:
        """The first line of the note."""
        return display.preview(next(iter((self.version.manual_note or "").splitlines()), ""))


def history(kind: PromptType, view: View, active: int | None) -> dict[str, Any]:
    """What the template of the history needs. `active` is the number of the active version."""
    rows = list(_rows(kind, view)[: view.shown + 1])
    more = min(view.shown + STEP, MOST_SHOWN)
    return {
        "view_address": view.address(),
        "entries": [entry(row, view, active) for row in rows[: view.shown]],
        "has_more": len(rows) > view.shown,
        "more_address": view.address(shown=more) if more > view.shown else "",
        "versions_address": version_display.versions_address(kind.slug),
        "deleted_address": view.address(deleted=int(not view.with_deleted)),
        "with_deleted": view.with_deleted,
        "longest_note": MAX_NOTE_LENGTH,
    }


def active_number(kind: PromptType) -> int | None:
    """Of the version that is used now."""
    return kind.versions.filter(is_active=True).values_list("version_number", flat=True).first()


def find_row(kind: PromptType, number: int) -> PromptVersion | None:
    """One version as `history` reads them; a deleted one can't be worked on."""
    return (
        with_figures(PromptVersion.objects.filter(prompt_type=kind, deleted_at=None))
        .filter(version_number=number)
        .first()
    )


def _rows(kind: PromptType, view: View) -> QuerySet[PromptVersion]:
    rows = PromptVersion.objects.filter(prompt_type=kind).order_by("-version_number")
    return with_figures(rows if view.with_deleted else rows.filter(deleted_at=None))


def with_figures(rows: QuerySet[PromptVersion]) -> QuerySet[PromptVersion]:
    """Without the long columns but the note, and with how each was used and how its last test ended."""
    uses = (
        PromptRequest.objects.filter(version=OuterRef("pk"))
        .order_by()
        .values(one=Value(1))[: version_display.MOST_COUNTED + 1]
    )
    return rows.defer(*(name for name in LONG_COLUMNS if name != "manual_note")).annotate(
        used=Func(ArraySubquery(uses), function="cardinality", output_field=IntegerField()),
        test_failed=version_display.TestFailed("test_result_json"),
    )


def entry(row: PromptVersion, view: View, active: int | None) -> Entry:
    """A version that `with_figures` read."""
    number = row.version_number
    is_loaded = number == view.loaded
    # The one that is loaded is compared with the active one, any other with the one that is loaded.
    against = active if is_loaded else number
    return Entry(
        version=row,
        name=version_display.number(row),
        state=version_display.state(row),
        is_loaded=is_loaded,
        test=version_display.test_mark(failed=getattr(row, "test_failed", False)) if row.last_tested_at else None,
        tested=display.moment(row.last_tested_at),
        created=display.moment(row.created_at),
        uses=version_display.use_count(getattr(row, "used", 0)),
        load=view.address(version=number),
        compare=view.address(against=against) if against not in {None, view.loaded} and view.loaded else "",
    )
