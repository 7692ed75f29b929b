"""What happened, counted by hour."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Upper bounds of the duration histogram, in milliseconds; one more bucket takes what is longer.
DURATION_BOUNDS_MS = (100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000)


class RequestStat(models.Model):
    """Counts of finished requests, written in the same transaction as the ends they count.

    Rows are spread over `shard`s so that workers don't wait for each other's row; later they are folded into one, and
    those of a day into its first hour (prompts/services/statistics.py). `outcome` is a final status, or `refused` for
    a late result that came without the lease.
    """

    hour = models.DateTimeField(_("hour"))
    shard = models.PositiveSmallIntegerField()
    provider = models.CharField(_("provider"), max_length=64)
    model = models.CharField(_("model"), max_length=200)
    prompt_type = models.CharField(_("prompt type"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=10)
    error_class = models.CharField(_("error class"), max_length=32, blank=True)
    count = models.BigIntegerField(default=0)
    duration_ms_sum = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cost = models.DecimalField(max_digits=24, decimal_places=9, default=0)
    duration_le_100 = models.BigIntegerField(default=0)
    duration_le_250 = models.BigIntegerField(default=0)
    duration_le_500 = models.BigIntegerField(default=0)
    duration_le_1000 = models.BigIntegerField(default=0)
    duration_le_2500 = models.BigIntegerField(default=0)
    duration_le_5000 = models.BigIntegerField(default=0)
    duration_le_10000 = models.BigIntegerField(default=0)
    duration_le_30000 = models.BigIntegerField(default=0)
    duration_le_60000 = models.BigIntegerField(default=0)
    duration_le_120000 = models.BigIntegerField(default=0)
    duration_le_300000 = models.BigIntegerField(default=0)

    class Meta:
        db_table = "request_stats"
        verbose_name = _("request statistic")
        verbose_name_plural = _("request statistics")
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "shard", "provider", "model", "prompt_type", "outcome", "error_class"],
                name="request_stat_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00} {self.model} {self.outcome}"
