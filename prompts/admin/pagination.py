"""Pages of tables that are too large to count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator


class BoundedPaginator(AnyPaginator):
    """Counts no further than `LIMIT` rows, so that a page costs the same however long the table grows.

    The rows behind the limit are reached by filter and search. `is_cut` tells whether there are any.
    """

    LIMIT = 10_000

    def page(self, number: int | str) -> Page[Any]:
        """The rows of a page: found by their keys alone first, and only to these is joined what belongs to them."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        rows: Any = self.object_list
        keys = rows.values("pk")[start : min(start + self.per_page, self.count)]
        return Page(rows.filter(pk__in=keys), number, self)

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.LIMIT)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than can be paged to."""
        return self._counted > self.LIMIT

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: self.LIMIT + 1].count())
