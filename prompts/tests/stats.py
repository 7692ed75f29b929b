"""Counts of ended requests, as a worker would have left them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prompts.models import RequestStat


def make_stat(moment: datetime, **values: Any) -> RequestStat:
    """One row of the hour of `moment`: of completed requests, unless another outcome is named."""
    usual = {"provider": "simulator", "model": "simulator/default", "prompt_type": "text", "outcome": "completed"}
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return RequestStat.objects.create(**({"hour": hour, "shard": 0, "count": 1} | usual | values))
