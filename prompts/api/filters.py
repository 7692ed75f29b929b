"""What lists can be narrowed by. A parameter that is not in here is refused."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from prompts import powers
from prompts.models import PromptRequest, PromptType
from prompts.models.prompt_request import Status
from prompts.querysets import PromptRequestQuerySet
from prompts.services import searching

PAGING = frozenset({"cursor", "page_size"})
#: For the renderers; JSON is what everybody gets.
FORMAT = frozenset({"format"})
#: The largest number of digits that fits a user's id (bigint).
ID_DIGITS = 18


def refuse_unknown(request: Request, known: Set[str]) -> None:
    """Raise ValidationError naming the query's parameters that are not `known`."""
    if unknown := sorted(set(request.query_params) - known - FORMAT):
        problem = _("There is no such parameter. There are: %(known)s.") % {"known": ", ".join(sorted(known or FORMAT))}
        raise ValidationError({name[:100]: [problem] for name in unknown[:20]})


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """Refuses a parameter that the list doesn't know, rather than answering something else than was asked."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The narrowed rows. Raises ValidationError naming the parameters at fault."""
        refuse_unknown(request, PAGING.union(self.get_filterset_class(view, queryset).base_filters))
        narrowed: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return narrowed


class UtcField(IsoDateTimeField):  # type: ignore[misc]
    """A time in UTC: PostgreSQL refuses some of the offsets that Python takes."""

    def to_python(self, value: Any) -> datetime | None:
        """As in the base class. Raises ValidationError, also for a time outside the calendar."""
        time: datetime | None = super().to_python(value)
        try:
            return time and time.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class TimeFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """ISO 8601; UTC where no offset is given."""

    field_class = UtcField


class OwnRowsFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Whose rows a list holds: the caller's own, unless they manage all. The rows have a `user`."""

    #: What somebody is told who asks for other people's.
    not_yours: str | Promise = ""
    scope = django_filters.ChoiceFilter(
        choices=[("own", "own"), ("all", "all")], method="keep", help_text="`all` needs `system.manage_all`."
    )
    user = django_filters.CharFilter(
        method="keep", max_length=150, help_text="A username or an id; needs `system.manage_all`."
    )

    def keep(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """`scope` and `user` are applied together, in `filter_queryset`."""
        return queryset

    def filter_queryset(self, queryset: Any) -> Any:
        """Apply the filters, and always a limit to whose rows they are. Raises PermissionDenied."""
        narrowed = super().filter_queryset(queryset)
        reader: Any = self.request.user
        everybody, user = self.form.cleaned_data["scope"] == "all", self.form.cleaned_data["user"]
        if (everybody or user) and not powers.manages_all(reader):
            raise PermissionDenied(str(self.not_yours))
        if user:
            return narrowed.filter(user_id=_user_id(user))
        return narrowed if everybody else narrowed.filter(user_id=reader.pk)


class PromptFilter(OwnRowsFilter):
    """Filters of the list of requests."""

    not_yours = gettext_lazy("Only those who manage everything see other people's requests.")
    status = django_filters.ChoiceFilter(choices=Status.choices)
    prompt_type = django_filters.CharFilter(field_name="prompt_type_id", max_length=64)
    model = django_filters.CharFilter(max_length=200)
    created_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = TimeFilter(field_name="created_at", lookup_expr="lt")
    search = django_filters.CharFilter(
        method="keep",
        max_length=1000,
        help_text=(
            'Words of text and purpose, or of the answer; "a phrase", -without, or. Of words that thousands of '
            "requests hold, the newest requests are searched: narrow the time down to reach earlier ones."
        ),
    )

    class Meta:
        model = PromptRequest
        fields: list[str] = []

    def filter_queryset(self, queryset: PromptRequestQuerySet) -> PromptRequestQuerySet:
        """Apply the filters, and search in what they leave. Raises PermissionDenied."""
        narrowed: PromptRequestQuerySet = super().filter_queryset(queryset)
        words: str = self.form.cleaned_data["search"]
        return searching.find(narrowed, words).among(narrowed) if words.strip() else narrowed


def _user_id(name: str) -> int:
    """The id of the user of that name or, failing that, of that id. Raises ValidationError."""
    matches = Q(username=name)
    if name.isascii() and name.isdigit() and len(name) <= ID_DIGITS:
        matches |= Q(pk=int(name))
    users = {user.get_username(): user.pk for user in get_user_model()._default_manager.filter(matches)}
    if not users:
        raise ValidationError({"user": [_("There is no user “%(name)s”.") % {"name": name}]})
    identifier: int = users.get(name, next(iter(users.values())))
    return identifier


class PromptTypeFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of the list of types."""

    is_active = extend_schema_field(OpenApiTypes.BOOL)(
        django_filters.TypedChoiceFilter(
            choices=[("true", "true"), ("false", "false")], coerce=lambda text: text == "true", widget=forms.Select
        )
    )

    class Meta:
        model = PromptType
        fields: list[str] = []
