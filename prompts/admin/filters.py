"""Filters of the lists that stay cheap on large tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from prompts.models import PromptRequest, PromptVersion
from prompts.models.prompt_request import SIMULATOR_PREFIX, Status
from providers.exceptions import ErrorClass

MOST_VALUES = 200
NOT_FAILED = [status for status in Status if status != Status.FAILED]

# One step in the index a value, where DISTINCT would read every row.
# Source: https://wiki.postgresql.org/wiki/Loose_indexscan
_IN_USE = """
    WITH RECURSIVE used AS (
        (SELECT {column} AS value FROM {table} ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT r.{column} FROM {table} AS r WHERE r.{column} > used.value ORDER BY r.{column} LIMIT 1)
        FROM used WHERE used.value IS NOT NULL
    )
    SELECT value FROM used WHERE value IS NOT NULL LIMIT %s
"""


def values_in_use(model: type[Model], column: str) -> list[str]:
    """The values of a column that an index begins with, in order, `MOST_VALUES` at most."""
    statement = _IN_USE.format(table=model._meta.db_table, column=column)
    with connection.cursor() as cursor:
        cursor.execute(statement, [MOST_VALUES])
        return [row[0] for row in cursor.fetchall()]


class ColumnFilter(admin.SimpleListFilter):
    """By the value of the column that `parameter_name` names."""

    parameter_name: str

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class InUseFilter(ColumnFilter):
    """Offers the values that rows have."""

    rows: ClassVar[type[Model]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in values_in_use(self.rows, self.parameter_name)]


class ModelFilter(InUseFilter):
    """By the model that the request names."""

    title = _("model")
    parameter_name = "model"
    rows = PromptRequest


class UserFilter(admin.FieldListFilter):
    """By user, found by typing: a list of all users would be too long."""

    template = "admin/prompts/autocomplete_filter.html"

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        self.lookup = f"{field_path}__exact"
        self.input = forms.ModelChoiceField(
            field.remote_field.model.objects.all(),
            required=False,
            widget=AutocompleteSelect(field, model_admin.admin_site),
        )
        super().__init__(field, request, params, model, model_admin, field_path)
        self.chosen = self._chosen(self.used_parameters.pop(self.lookup, []))
        if self.chosen is not None:
            self.used_parameters[self.lookup] = [self.chosen.pk]

    def _chosen(self, values: Any) -> Any:
        """The user whose id the address holds, if any. Raises IncorrectLookupParameters."""
        try:
            return self.input.clean(values[-1] if values else "")
        except ValidationError as error:
            raise IncorrectLookupParameters from error

    def expected_parameters(self) -> list[str | None]:
        return [self.lookup]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """The input, and the rest of the address that has to be kept when it is sent."""
        kept = [(name, values) for name, values in changelist.filter_params.items() if name != self.lookup]
        chosen = self.chosen.pk if self.chosen else ""
        yield {
            "selected": bool(chosen),
            "query_string": changelist.get_query_string(remove=[self.lookup]),
            "input": self.input.widget.render(self.lookup, chosen, {"id": "user-filter"}),
            "kept": [(name, value) for name, values in kept for value in values],
        }


class ErrorClassFilter(admin.SimpleListFilter):
    """By why requests failed."""

    title = _("error class")
    parameter_name = "error_class"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = self.value()
        others = [chosen] if chosen and chosen not in list(ErrorClass) else []
        return [(str(value), str(value)) for value in [*ErrorClass, *others]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PromptRequest]) -> QuerySet[PromptRequest]:
        # Not by the status that they have: PostgreSQL would read the index of all failed ones as well.
        failed = queryset.exclude(status__in=NOT_FAILED)
        return failed.filter(error_class=self.value()) if self.value() else queryset


class SimulatedFilter(admin.BooleanFieldListFilter):
    """By whether somebody was asked at all."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[PromptRequest]) -> QuerySet[PromptRequest]:
        """With the models' names too: their index finds a few among very many, or that there are none."""
        rows = super().queryset(request, queryset)
        assert rows is not None
        wanted = {"1": True, "0": False}.get(self.lookup_val or "")
        names = values_in_use(PromptRequest, "model") if wanted is not None else []
        if wanted is None or len(names) == MOST_VALUES:
            return rows
        return rows.filter(model__in=[name for name in names if name.startswith(SIMULATOR_PREFIX) == wanted])


class VersionStateFilter(admin.SimpleListFilter):
    """By what became of a version. Deleted ones are shown to who asks for them."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("active", _("Active")), ("deleted", _("Deleted")), ("any", _("All, with deleted ones"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PromptVersion]) -> QuerySet[PromptVersion]:
        match self.value():
            case "active":
                return queryset.filter(is_active=True)
            case "deleted":
                return queryset.filter(deleted_at__isnull=False)
            case "any":
                return queryset
        return queryset.filter(deleted_at=None)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Django's, of which the first isn't all."""
        first, *others = super().choices(changelist)
        yield first | {"display": _("Not deleted")}
        yield from others


class VersionFilter(admin.SimpleListFilter):
    """By the version that was used, for who comes from its page: there are too many to choose from."""

    title = _("version")
    parameter_name = "version"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = self.value()
        self.version = _version(chosen) if chosen else None
        return [(chosen, str(self.version or chosen))] if chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[PromptRequest]) -> QuerySet[PromptRequest]:
        return queryset.filter(version=self.version) if self.version else queryset.none()


def _version(key: str) -> PromptVersion | None:
    """The version of this key, with what its name is made of."""
    if not key.isdecimal():
        return None
    return PromptVersion.objects.filter(pk=key).only("prompt_type", "version_number").first()
