"""The answer to a request."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from prompts.models.fields import uuid7
from prompts.models.prompt_request import PromptRequest
from prompts.querysets import answer_vector


class PromptResponse(models.Model):
    """What the model answered. There is at most one a request, by constraint.

    Tokens and cost are null where the vendor or the price list didn't say; they are never guessed as 0.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    prompt = models.OneToOneField(
        PromptRequest, on_delete=models.PROTECT, related_name="response", verbose_name=_("request")
    )
    response_text = models.TextField(_("response text"))
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"))
    provider = models.CharField(_("provider"), max_length=64)
    model = models.CharField(_("model as reported"), max_length=200)
    finish_reason = models.CharField(_("finish reason"), max_length=32)
    input_tokens = models.PositiveIntegerField(_("input tokens"), null=True)
    cached_tokens = models.PositiveIntegerField(_("cached input tokens"), null=True)
    output_tokens = models.PositiveIntegerField(_("output tokens"), null=True)
    reasoning_tokens = models.PositiveIntegerField(_("reasoning tokens"), null=True)
    cost = models.DecimalField(_("cost (USD)"), max_digits=18, decimal_places=9, null=True)
    provider_request_id = models.CharField(_("provider request id"), max_length=200, blank=True)
    simulated = models.GeneratedField(
        expression=Q(provider="simulator"),  # type: ignore[arg-type]  # a Q is an expression
        output_field=models.BooleanField(),
        db_persist=True,
        verbose_name=_("simulated"),
    )

    class Meta:
        db_table = "prompt_responses"
        ordering = ["-created_at", "-id"]
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="prompt_response_list"),
            GinIndex(answer_vector(), name="prompt_response_search"),
        ]

    def __str__(self) -> str:
        return str(self.id)
