"""What the audit log can be narrowed by in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from audit import origin
from audit.models import AuditEntry
from prompts.api.filters import ID_DIGITS, TimeFilter

CHANNELS = [(name, name) for name in (origin.API, origin.ADMIN, origin.COMMAND, origin.WORKER)]


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Each leads to an index, or narrows what another one has found."""

    action = django_filters.CharFilter(max_length=100)
    actor = django_filters.CharFilter(method="filter_actor", max_length=150, help_text="A username or an id.")
    target_type = django_filters.CharFilter(max_length=100, help_text="Such as `prompts.promptversion`.")
    target_id = django_filters.CharFilter(max_length=100, help_text="Together with `target_type`.")
    channel = django_filters.ChoiceFilter(choices=CHANNELS)
    since = TimeFilter(field_name="at", lookup_expr="gte")
    until = TimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def filter_actor(self, queryset: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """What a user has done, under whatever name. Raises ValidationError."""
        return queryset.filter(actor_id=_actor_id(value))

    def filter_queryset(self, queryset: Any) -> Any:
        """Apply the filters. Raises ValidationError for an id of nobody knows what."""
        given = self.form.cleaned_data
        if given["target_id"] and not given["target_type"]:
            raise ValidationError({"target_id": [_("Name target_type, too.")]})
        return super().filter_queryset(queryset)


def _actor_id(name: str) -> int:
    """The id of the user of that name or, of nobody's name, that id: the log outlives accounts."""
    user = get_user_model()._default_manager.filter(username=name).values_list("pk", flat=True).first()
    if user is not None:
        return int(user)
    if name.isascii() and name.isdigit() and len(name) <= ID_DIGITS:
        return int(name)
    raise ValidationError({"actor": [_("There is no user “%(name)s”.") % {"name": name}]})
