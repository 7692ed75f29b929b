"""Versions: the list, and the page of one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from prompts import powers
from prompts.admin import display, version_display
from prompts.admin.base import sees_all
from prompts.admin.filters import VersionStateFilter
from prompts.admin.version_activation import ActivationPages
from prompts.admin.version_drafts import DraftPages
from prompts.admin.version_page import page_context
from prompts.admin.version_trials import TrialPages
from prompts.admin.version_upkeep import UpkeepPages
from prompts.models import PromptVersion


@admin.register(PromptVersion)
class PromptVersionAdmin(DraftPages, ActivationPages, TrialPages, UpkeepPages):
    """Looking at versions, and what leads from one to the next."""

    long_columns = version_display.LONG_COLUMNS
    previews: ClassVar = {
        "beginning": Left("template", display.PREVIEW_CHARACTERS),
        "note_beginning": Left("manual_note", display.PREVIEW_CHARACTERS),
        "test_failed": version_display.TestFailed("test_result_json"),
    }
    fields = ()
    list_display = ("number", "kind", "template_and_note", "model_name", "last_test", "author", "created")
    list_display_links = ("number",)
    list_select_related = ("prompt_type",)
    list_filter = (VersionStateFilter, "prompt_type")
    lookups = frozenset({"prompt_type__slug__exact", "state"})
    sortable_by = ()
    actions = None

    @admin.display(description=_("version"))
    def number(self, version: PromptVersion) -> SafeString:
        return format_html("{} {}", version_display.number(version), version_display.state(version))

    @admin.display(description=_("prompt type"))
    def kind(self, version: PromptVersion) -> SafeString:
        return format_html("<bdi>{}</bdi>", version.prompt_type)

    @admin.display(description=_("template and note"))
    def template_and_note(self, version: PromptVersion) -> SafeString:
        beginning = display.preview(getattr(version, "beginning", ""))
        note = display.preview(getattr(version, "note_beginning", None) or "")
        return display.lines(
            format_html("<bdi>{}</bdi>", beginning), format_html("<bdi>{}</bdi>", note) if note else ""
        )

    @admin.display(description=_("model"))
    def model_name(self, version: PromptVersion) -> SafeString | None:
        return format_html('<bdi dir="ltr">{}</bdi>', version.model) if version.model else None

    @admin.display(description=_("last test"))
    def last_test(self, version: PromptVersion) -> SafeString | None:
        if version.last_tested_at is None:
            return None
        mark = version_display.test_mark(failed=getattr(version, "test_failed", False))
        return display.lines(mark, display.moment(version.last_tested_at))

    @admin.display(description=_("created at"))
    def created(self, version: PromptVersion) -> SafeString | None:
        return display.moment(version.created_at)

    def context_of(self, request: HttpRequest, row: PromptVersion) -> dict[str, Any]:
        return page_context(row, with_history=powers.reads_log(request.user)) | {
            "title": version_display.number(row),
            "subtitle": None,
            "manages": sees_all(request),
            "writes": powers.writes_versions(request.user),
            "workbench_address": version_display.workbench_address(row.prompt_type, row),
            "sees_requests": sees_all(request) or request.user.has_perm("prompts.view_promptrequest"),
        }
