"""Which failed requests are shown, and which of them are to be retried."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from prompts.admin.home import words
from prompts.admin.operations import rows
from prompts.services.operations import failures
from prompts.services.operations.failures import DEFAULT_WINDOW
from prompts.services.operations.retrying import MOST_AT_ONCE

WINDOW_NAMES = {"24h": _("Last 24 hours"), "7d": _("Last 7 days")}
#: How many requests the page shows at first, and at most.
FEW, MANY = 100, 250


@dataclass(frozen=True, slots=True)
class Choice:
    """Failed requests of a window; of one class and of one model unless these are empty."""

    window: str
    error_class: str = ""
    model: str = ""
    rows: str = ""

    @classmethod
    def of(cls, given: QueryDict) -> Choice:
        """What the address, or the form that keeps it, says; what makes no sense counts as not said."""
        window = given.get("window", "")
        known = {name: given.get(name, "").replace("\0", "") for name in ("error_class", "model", "rows")}
        return cls(window if window in WINDOW_NAMES else DEFAULT_WINDOW, **known)

    @property
    def most(self) -> int:
        """How many are shown."""
        return MANY if self.rows == "all" else FEW

    def address(self, **changed: str) -> str:
        """Of the page with this choice, or a part of it changed."""
        values = {name: value for name, value in (asdict(self) | changed).items() if value}
        return f"{reverse('admin:operations')}?{urlencode(values)}"

    def list_address(self, **changed: str) -> str:
        """The same, where the list of failed requests begins."""
        return f"{self.address(**changed)}#failed"


def chosen_ids(given: QueryDict) -> list[UUID]:
    """The requests that were ticked; what is no id is left out."""
    return [UUID(value) for value in given.getlist("ids") if _is_uuid(value)]


def failed_context(choice: Choice) -> dict[str, Any]:
    """Everything of the page's part about failed requests. Two queries."""
    groups = failures.failed_groups(choice.window)
    shown = failures.failed_requests(
        choice.window, error_class=choice.error_class, model=choice.model, most=choice.most + 1
    )
    return {
        "choice": choice,
        "windows": [
            {"label": label, "href": choice.list_address(window=name), "is_chosen": name == choice.window}
            for name, label in WINDOW_NAMES.items()
        ],
        "groups": rows.group_rows(groups, choice.window),
        "failed": rows.failed_rows(shown[: choice.most]),
        "has_more": len(shown) > choice.most,
        "show_more": choice.list_address(rows="all") if choice.most < MANY else "",
        "show_all": choice.list_address(error_class="", model="") if choice.error_class or choice.model else "",
        "most": words.count(MANY),
        "most_at_once": words.count(MOST_AT_ONCE),
    }


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
