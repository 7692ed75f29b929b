"""A prompt that somebody sent: what was asked, by whom and why, and how far it is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from prompts.models.fields import uuid7
from prompts.models.prompt_type import PromptType
from prompts.querysets import PromptRequestQuerySet, search_vector

SIMULATOR_PREFIX = "simulator/"
MAX_PROMPT_BYTES = 1024 * 1024


class Status(models.TextChoices):
    """Where a request is. The last three are final."""

    PENDING = "pending", _("Pending")
    GENERATING = "generating", _("Generating")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (Status.PENDING, Status.GENERATING)
FINISHED = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


class PromptRequest(models.Model):
    """One request, from acceptance to its end.

    The row is the truth about its own execution: `status`, `next_attempt_at`, and the lease that a worker
    holds on it while it calls the vendor. `lease_token` rises whenever the right to finish changes hands;
    whoever writes a result must still hold the token that it claimed with.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="prompt_requests",
        verbose_name=_("user"),
        db_index=False,
    )
    model = models.CharField(_("model"), max_length=200)
    prompt_type = models.ForeignKey(
        PromptType,
        to_field="slug",
        db_column="prompt_type",
        on_delete=models.PROTECT,
        related_name="requests",
        verbose_name=_("prompt type"),
        db_index=False,
    )
    version = models.ForeignKey(
        "PromptVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        verbose_name=_("version"),
        db_index=False,
    )
    #: What the placeholders of the version's template were filled with; null for a text that was sent ready.
    variables = models.JSONField(_("variables"), null=True, blank=True)
    #: A try-out: of its version, which keeps the answer as its last test result, or of a draft that is no version yet.
    is_sandbox = models.BooleanField(_("sandbox"), default=False, db_default=False)
    #: Its text is being read from a document; until it is there, no worker takes the request.
    awaits_text = models.BooleanField(_("awaits its text"), default=False, db_default=False, editable=False)
    prompt_text = models.TextField(_("prompt text"))
    purpose = models.CharField(_("purpose"), max_length=500, blank=True, help_text=_("Why it was asked."))
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    replay_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replays",
        verbose_name=_("replay of"),
        db_index=False,
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, blank=True, default="")
    simulated = models.GeneratedField(
        expression=Q(model__startswith=SIMULATOR_PREFIX),  # type: ignore[arg-type]  # a Q is an expression
        output_field=models.BooleanField(),
        db_persist=True,
        verbose_name=_("simulated"),
    )

    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    run_at = models.DateTimeField(_("run at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"), db_default=Now())
    attempt_count = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_token = models.BigIntegerField(default=0, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    leased_by = models.CharField(_("worker"), max_length=200, blank=True, default="", editable=False)
    deadline_at = models.DateTimeField(null=True, editable=False)
    error_class = models.CharField(_("error class"), max_length=32, blank=True, default="")
    error_message = models.TextField(_("error message"), blank=True, default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)

    #: Since when its texts are gone (docs/decisions/0025); the row then tells only who asked, when and of what.
    texts_erased_at = models.DateTimeField(_("texts erased at"), null=True, editable=False)
    #: What its leaf is made of where texts were: SHA-256 of salt and text, by the names of `prompts.sealed_facts`.
    erased_hashes = models.JSONField(null=True, editable=False)

    objects = PromptRequestQuerySet.as_manager()

    class Meta:
        db_table = "prompt_requests"
        ordering = ["-created_at", "-id"]
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="prompt_request_status_known"),
            models.CheckConstraint(
                condition=Q(status=Status.GENERATING, lease_expires_at__isnull=False, deadline_at__isnull=False)
                | (~Q(status=Status.GENERATING) & Q(lease_expires_at__isnull=True)),
                name="prompt_request_lease_while_generating",
            ),
            models.CheckConstraint(
                condition=Q(status__in=FINISHED, finished_at__isnull=False)
                | Q(status__in=UNFINISHED, finished_at__isnull=True),
                name="prompt_request_finished_at_the_end",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.FAILED) | ~Q(error_class=""), name="prompt_request_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(prompt_text="") | Q(awaits_text=True) | Q(texts_erased_at__isnull=False),
                name="prompt_request_text_unless_awaited",
            ),
            models.CheckConstraint(
                condition=Q(texts_erased_at__isnull=True) | Q(status__in=FINISHED),
                name="prompt_request_erased_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(is_sandbox=False) | Q(version__isnull=False) | Q(variables__isnull=False),
                name="prompt_request_sandbox_tries_a_template",
            ),
        ]
        indexes = [
            # The own list and everybody's list, newest first.
            models.Index("user", F("created_at").desc(), F("id").desc(), name="prompt_request_own_list"),
            models.Index(F("created_at").desc(), F("id").desc(), name="prompt_request_list"),
            # Claiming and sweeping look at the few unfinished rows, never at history.
            models.Index("next_attempt_at", condition=Q(status=Status.PENDING), name="prompt_request_claim"),
            models.Index("lease_expires_at", condition=Q(status=Status.GENERATING), name="prompt_request_sweep"),
            models.Index("user", condition=Q(status__in=UNFINISHED), name="prompt_request_unfinished"),
            models.Index("replay_of", condition=Q(replay_of__isnull=False), name="prompt_request_replays"),
            # Filters of everybody's list that pick a small share of the rows.
            models.Index(
                "status",
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(status__in=[Status.FAILED, Status.CANCELLED]),
                name="prompt_request_unanswered",
            ),
            models.Index("prompt_type", F("created_at").desc(), F("id").desc(), name="prompt_request_type_list"),
            models.Index(
                "version",
                F("created_at").desc(),
                F("id").desc(),
                condition=Q(version__isnull=False),
                name="prompt_request_version_list",
            ),
            # The few tests of a type among its many requests.
            models.Index("prompt_type", F("id").desc(), condition=Q(is_sandbox=True), name="prompt_request_tests"),
            models.Index("model", F("created_at").desc(), F("id").desc(), name="prompt_request_model_list"),
            models.Index(
                "error_class",
                F("created_at").desc(),
                F("id").desc(),
                condition=~Q(error_class=""),
                name="prompt_request_error_list",
            ),
            models.Index(
                F("created_at").desc(), F("id").desc(), condition=Q(is_sandbox=True), name="prompt_request_sandbox_list"
            ),
            GinIndex(search_vector(), name="prompt_request_search"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_finished(self) -> bool:
        """Whether the status is final."""
        return self.status in FINISHED
