"""What the lists of documents and batches can be narrowed by."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from documents.models import Batch, Document
from documents.models.batch import BatchState
from documents.models.document_file import ReadingState
from prompts.api.filters import OwnRowsFilter, TimeFilter


class DocumentFilter(OwnRowsFilter):
    """Filters of the list of documents."""

    not_yours = _("Only those who manage everything see other people's documents.")
    state = django_filters.ChoiceFilter(field_name="file__state", choices=ReadingState.choices)
    created_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = TimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Document
        fields: list[str] = []


class BatchFilter(OwnRowsFilter):
    """Filters of the list of batches."""

    not_yours = _("Only those who manage everything see other people's batches.")
    state = django_filters.ChoiceFilter(choices=BatchState.choices)
    prompt_type = django_filters.CharFilter(field_name="prompt_type_id", max_length=64)
    created_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = TimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Batch
        fields: list[str] = []
