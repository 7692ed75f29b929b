"""The last sign of life of each worker process."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WorkerSign(models.Model):
    """Written by the worker itself every few seconds; a row that grows old is of one that has gone.

    Nothing but the console reads it: leases, not signs, decide who may finish a request.
    """

    name = models.CharField(_("worker"), max_length=200, primary_key=True)
    host = models.CharField(_("host"), max_length=200)
    pid = models.PositiveIntegerField(_("process"))
    slots = models.PositiveIntegerField(_("slots"))
    running = models.PositiveIntegerField(_("running calls"), default=0)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen at"), db_default=Now())
    #: When it stopped in good order; null while it runs, and where it was killed.
    stopped_at = models.DateTimeField(_("stopped at"), null=True)

    class Meta:
        db_table = "worker_signs"
        ordering = ["-seen_at"]
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name
