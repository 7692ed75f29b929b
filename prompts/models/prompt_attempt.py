"""One call to a vendor, written down before it is made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from prompts.models.prompt_request import PromptRequest


class Outcome(models.TextChoices):
    """How an attempt ended; empty while it runs."""

    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    ABANDONED = "abandoned", _("Abandoned")
    SUPERSEDED = "superseded", _("Superseded")


class PromptAttempt(models.Model):
    """An upstream call. The row is committed before the call, so no call is ever unknown.

    `abandoned` means that its worker died, froze or was shut down; `superseded` that the request was cancelled.
    `may_be_billed` marks failures after which the vendor may still have done, and charged, the work.
    """

    request = models.ForeignKey(
        PromptRequest,
        on_delete=models.PROTECT,
        related_name="attempts",
        verbose_name=_("request"),
        db_index=False,
    )
    number = models.PositiveSmallIntegerField(_("number"))
    worker = models.CharField(_("worker"), max_length=200)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True, default="")
    error_class = models.CharField(_("error class"), max_length=32, blank=True, default="")
    error_message = models.TextField(_("error message"), blank=True, default="")
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    provider_request_id = models.CharField(_("provider request id"), max_length=200, blank=True, default="")
    may_be_billed = models.BooleanField(_("may have been billed"), default=False)

    class Meta:
        db_table = "prompt_attempts"
        ordering = ["request", "number"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="prompt_attempt_number_once"),
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome.values]), name="prompt_attempt_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="prompt_attempt_ended_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} #{self.number}"
