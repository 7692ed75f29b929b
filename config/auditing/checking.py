"""Having the log verified from the console: at once while it is short, by a worker when it is long."""

from __future__ import annotations

import logging
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit import chain
from audit.models import AuditEntry
from audit.services import checking
from audit.tasks import carry_out_verification
from config.auditing.display import log_context
from prompts import powers
from prompts.admin.base import ReadOnlyAdmin

logger = logging.getLogger(__name__)

#: A chain of this length takes a web thread for a quarter of a second.
CHECKED_AT_ONCE = 5_000
#: A worker that comes back later than this finds that nobody waits any more.
LIFETIME_SECONDS = int(checking.FORGOTTEN_AFTER.total_seconds())


class CheckingPages(ReadOnlyAdmin[AuditEntry]):
    """A button, and the state of the log, which is fetched again while a verification runs."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("verify/", view(self.verify_view), name="audit_auditentry_verify"),
            path("state/", view(self.state_view), name="audit_auditentry_state"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def verify_view(self, request: HttpRequest) -> HttpResponse:
        """Begin a verification, unless one runs already. Raises PermissionDenied."""
        check_reader(request)
        if checking.standing(timezone.now()).running_since is None and not _verified(request):
            messages.error(request, _("No worker can be told to verify the log. Try again when the broker is back."))
        return HttpResponseRedirect(reverse("admin:audit_auditentry_changelist"))

    @method_decorator(require_safe)
    def state_view(self, request: HttpRequest) -> HttpResponse:
        """What stands above the list, alone. Raises PermissionDenied."""
        check_reader(request)
        return TemplateResponse(request, "admin/audit/auditentry/state.html", log_context(request))


def check_reader(request: HttpRequest) -> None:
    """Raises PermissionDenied for who may not look at the log."""
    if not powers.reads_log(request.user):
        raise PermissionDenied


def _verified(request: HttpRequest) -> bool:
    """Verify the log, or have a worker do it; False where none can be told."""
    question = checking.ask(actor=request.user)
    if chain.head().size > CHECKED_AT_ONCE:
        return _handed_over(question)
    checking.carry_out(question)
    return True


def _handed_over(question: UUID) -> bool:
    try:
        carry_out_verification.apply_async((str(question),), retry=False, expires=LIFETIME_SECONDS)
    except Exception as error:  # noqa: BLE001 (whatever the transport raises, somebody will press the button again)
        logger.warning("The broker took no message (%s); the audit log is not verified.", error)
        return False
    return True
