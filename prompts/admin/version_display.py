"""How versions look on the pages."""

from __future__ import annotations

import re

from django.db.models import BooleanField, Func, QuerySet
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prompts.admin import display
from prompts.models import PromptRequest, PromptType, PromptVersion
from prompts.rendering import NAME_PATTERN

#: Requests are counted no further: a version may have been used by millions.
MOST_COUNTED = 1_000
#: What lists don't read.
LONG_COLUMNS = ("template", "field_schema", "parameters", "test_result_json", "manual_note")
_PLACEHOLDER = re.compile(rf"(\{{\{{ *{NAME_PATTERN} *\}}\}})")


class TestFailed(Func):
    """In SQL what `answers.is_failure` tells of a test's result, so that lists need not read it."""

    template = """COALESCE(%(expressions)s ?& ARRAY['error', 'message']
        AND %(expressions)s - ARRAY['error', 'message'] = '{}', false)"""
    output_field = BooleanField()


def test_mark(*, failed: bool) -> SafeString:
    """How a test ended."""
    return display.badge("failed", _("Failed")) if failed else display.badge("completed", _("Answered"))


def state(version: PromptVersion) -> SafeString | str:
    """A badge on the active version and on a deleted one, nothing on the others."""
    if version.deleted_at is not None:
        return display.badge("deleted", _("Deleted"))
    return display.badge("active", _("Active")) if version.is_active else ""


def number(version: PromptVersion) -> str:
    """The name of a version among those of its type."""
    return numbered(version.version_number)


def numbered(given: int) -> str:
    """The name of the version that has this number."""
    return _("Version %(number)d") % {"number": given}


def address(version: PromptVersion, page: str = "change") -> str:
    """Where the page of a version is, or one of those that lead on from there."""
    return reverse(f"admin:prompts_promptversion_{page}", args=[version.pk])


def link(version: PromptVersion) -> SafeString:
    """A link to the page of a version, with its state."""
    return format_html('<a href="{}">{}</a> {}', address(version), number(version), state(version))


def use(version: PromptVersion, *, is_sandbox: bool) -> SafeString:
    """Which version a request used, and whether it was a test or the version is deleted by now."""
    name = _("Version %(number)d (deleted)") if version.deleted_at else _("Version %(number)d")
    return format_html("{} {}", name % {"number": version.version_number}, sandbox_mark(is_sandbox))


def sandbox_mark(is_sandbox: bool) -> SafeString | str:
    """A mark on what only tried out a version, nothing on the rest."""
    return display.badge("sandbox", _("Test")) if is_sandbox else ""


def template(text: str) -> SafeString:
    """The template as it is, with a mark on each placeholder."""
    *pieces, rest = _PLACEHOLDER.split(text)
    pairs = zip(pieces[::2], pieces[1::2], strict=True)
    marked = format_html_join("", '{}<mark class="placeholder" dir="ltr">{}</mark>', pairs)
    return format_html('<div class="long-text" dir="auto">{}{}</div>', marked, rest)


def uses(requests: QuerySet[PromptRequest]) -> str:
    """How many requests these are, in words; of very many only that they are many."""
    return use_count(requests.order_by().values("pk")[: MOST_COUNTED + 1].count())


def use_count(counted: int) -> str:
    """A number of requests that were counted up to `MOST_COUNTED` and one more."""
    if counted > MOST_COUNTED:
        return _("more than %(number)s") % {"number": formats.number_format(MOST_COUNTED, force_grouping=True)}
    return formats.number_format(counted, force_grouping=True)


def requests_address(version: PromptVersion) -> str:
    """The list of the requests that used a version."""
    return f"{reverse('admin:prompts_promptrequest_changelist')}?version={version.pk}"


def workbench_address(kind: PromptType, version: PromptVersion | None = None) -> str:
    """The workbench of a type, with a version loaded, the active one unless another is given."""
    address = reverse("admin:prompts_prompttype_workbench", args=[kind.pk])
    return f"{address}?version={version.version_number}" if version else address


def versions_address(slug: str) -> str:
    """The list of a type's versions."""
    return f"{reverse('admin:prompts_promptversion_changelist')}?prompt_type__slug__exact={slug}"
