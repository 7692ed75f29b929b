"""The filter by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PeriodFilter(admin.DateFieldListFilter):
    """By time: Django's links, and two inputs for from and to. Times without an offset are in the current zone."""

    template = "admin/prompts/period_filter.html"

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        for lookup in (self.lookup_kwarg_since, self.lookup_kwarg_until):
            if lookup in self.used_parameters:
                self._read(lookup, _last(self.used_parameters[lookup]))
        self.inputs = [
            {"name": self.lookup_kwarg_since, "label": _("From"), "value": self._shown(self.lookup_kwarg_since)},
            {"name": self.lookup_kwarg_until, "label": _("Before"), "value": self._shown(self.lookup_kwarg_until)},
        ]
        self.kept: list[tuple[str, str]] = []

    def _read(self, lookup: str, text: str) -> None:
        """Put the time in place of the text of it. Raises IncorrectLookupParameters."""
        if not text:
            self.used_parameters.pop(lookup)
            return
        try:
            time = self.field.to_python(text)
            aware = timezone.make_aware(time) if timezone.is_naive(time) else time
            self.used_parameters[lookup] = [aware.astimezone(UTC)]
        except (ValidationError, ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error

    def _shown(self, lookup: str) -> str:
        """What the input shows, in the current zone."""
        times = self.used_parameters.get(lookup)
        return timezone.localtime(_last(times)).strftime("%Y-%m-%dT%H:%M") if times else ""

    @property
    def is_free(self) -> bool:
        """Whether the times are others than those of the links."""
        return bool(self.date_params) and not any(self.date_params == params for _title, params in self.links)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Django's links; what the form has to keep of the address is put by for the template."""
        own = set(self.expected_parameters())
        kept = [(name, values) for name, values in changelist.filter_params.items() if name not in own]
        self.kept = [(name, value) for name, values in kept for value in values]
        if changelist.query:
            self.kept.append((SEARCH_VAR, changelist.query))
        return super().choices(changelist)


def _last(values: Any) -> Any:
    """Of a parameter that stands twice in the address the last one counts."""
    return values[-1]
