"""The log as a file from the console, the same that `manage.py export_audit` writes."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import AuditEntry
from audit.services import exporting
from config.auditing.checking import check_reader
from prompts.admin.base import ReadOnlyAdmin
from prompts.admin.version_pages import as_fieldset, asking
from prompts.downloads import Held
from prompts.exceptions import TooManyDownloads


class ExportForm(forms.Form):
    """Where the file begins."""

    begins = forms.DateField(
        required=False,
        label=gettext_lazy("From"),
        widget=AdminDateWidget(attrs={"dir": "ltr"}),
        help_text=gettext_lazy("The first day (UTC) whose entries are in the file; empty for the whole log."),
    )


class _Streamed(Held[str]):
    """Lines whose transaction ends with the answer, also when the client goes away in the middle."""

    def __init__(self, exported: exporting.Export) -> None:
        self._lines: Generator[str, None, None] = exported.lines()
        super().__init__(self._lines)

    def close(self) -> None:
        """As in the base class."""
        super().close()
        self._lines.close()


class ExportPages(ReadOnlyAdmin[AuditEntry]):
    """A form that asks from when on, and the file."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="audit_auditentry_export"), *super().get_urls()]

    @asking
    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The form; once it is sent, the file. Raises PermissionDenied."""
        check_reader(request)
        form = ExportForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            return self._file(request, form.cleaned_data["begins"])
        return self._form_page(request, form)

    def _file(self, request: HttpRequest, begins: Any) -> HttpResponseBase:
        try:
            return _as_file(_begun(request, begins))
        except TooManyDownloads as error:
            messages.error(request, f"{error.user_message} {error.recovery_action}")
        except (ImproperlyConfigured, OSError) as error:
            messages.error(request, _("The log can't be exported: %(reason)s") % {"reason": error})
        return HttpResponseRedirect(reverse("admin:audit_auditentry_export"))

    def _form_page(self, request: HttpRequest, form: ExportForm) -> HttpResponseBase:
        context = self.admin_site.each_context(request) | {
            "title": _("Export the audit log"),
            "form": form,
            "fieldset": as_fieldset(form),
            "back": reverse("admin:audit_auditentry_changelist"),
            "opts": self.opts,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/audit/auditentry/export.html", context)


def _begun(request: HttpRequest, begins: Any) -> exporting.Export:
    since = 1
    if begins:
        since = exporting.first_link_since(datetime.combine(begins, time(), UTC))
    return exporting.begin(since=since, actor=request.user)


def _as_file(exported: exporting.Export) -> StreamingHttpResponse:
    name = f"audit-{timezone.now():%Y%m%dT%H%M%SZ}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(_Streamed(exported), content_type="application/jsonl", headers=headers)
