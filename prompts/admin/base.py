"""What the pages of this app share: who sees which rows, and that history is only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.contrib import admin
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from prompts import powers
from prompts.admin.pagination import BoundedPaginator
from prompts.exceptions import DomainError

MODEL = TypeVar("MODEL", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
else:

    class ModelAdmin(admin.ModelAdmin):
        """Django's, which is generic for the type checker alone."""

        def __class_getitem__(cls, _model: type[Model]) -> type[Self]:
            return cls


def sees_all(request: HttpRequest) -> bool:
    """Whether the requests of all users are open to the one who asks."""
    return powers.manages_all(request.user)


def sees_versions(request: HttpRequest) -> bool:
    """Whether the templates are open to the one who asks."""
    return powers.reads_versions(request.user)


def in_words(error: DomainError) -> str:
    """What a service refused, in a line."""
    return f"{error.user_message} {error.message}"


class PromptsAdmin(ModelAdmin[MODEL]):
    """`system.manage_all` opens every page of this app; without it Django's own permissions count."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    #: What the address of a list may filter by; Django would take any lookup on any column, slow ones too.
    lookups: ClassVar[frozenset[str]] = frozenset()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in self.lookups

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # PostgreSQL can't hold a NUL, so nothing can match one. The flag is Django's for a wrong address.
        if any("\0" in value for _name, values in request.GET.lists() for value in values):
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        return super().changelist_view(request, extra_context)

    def context_of(self, request: HttpRequest, row: MODEL) -> dict[str, Any]:
        """What the page of a row shows beside Django's form; nothing unless a page of its own says otherwise."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: MODEL | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= self.context_of(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return sees_all(request) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: MODEL | None = None) -> bool:
        return sees_all(request) or super().has_view_permission(request, obj)


class LeanList(ChangeList):
    """A list that leaves out the long columns, which it doesn't show: a page of answers may be 50 MB."""

    model_admin: ReadOnlyAdmin[Any]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters).annotate(**self.model_admin.previews)
        return rows.defer(*self.model_admin.long_columns)


class ReadOnlyAdmin(PromptsAdmin[MODEL]):
    """Rows that nobody adds, changes or deletes by Django's own forms."""

    #: Columns that lists don't read.
    long_columns: ClassVar[tuple[str, ...]] = ()
    #: What lists read instead of the long columns, by the name that rows have it under.
    previews: ClassVar[dict[str, Any]] = {}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LeanList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryAdmin(ReadOnlyAdmin[MODEL]):
    """What has happened: each row is somebody's own."""

    #: The lookup that leads from a row to its user.
    owner: ClassVar[str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MODEL]:
        rows = super().get_queryset(request)
        return rows if sees_all(request) else rows.filter(**{self.owner: request.user.pk})
