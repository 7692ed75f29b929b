"""Percentiles out of the histogram of durations that `request_stats` keeps."""

from __future__ import annotations

from collections.abc import Sequence

from prompts.models.request_stat import DURATION_BOUNDS_MS


def percentile(buckets: Sequence[int], beyond: int, share: float) -> int | None:
    """The duration in milliseconds that `share` of the calls did not exceed; None where there were none.

    `buckets` are the counts up to each bound, not cumulative, `beyond` those above all bounds. Inside a bucket calls
    count as evenly spread, so the result is off by less than the width of its bucket: it lies in the same one as the
    true value. Above the highest bound there is no end to interpolate to; the bound itself is returned then.
    """
    rank = share * (sum(buckets) + beyond)
    if rank <= 0:
        return None
    below, lower = 0, 0
    for upper, count in zip(DURATION_BOUNDS_MS, buckets, strict=True):
        if count and below + count >= rank:
            return round(lower + (upper - lower) * (rank - below) / count)
        below, lower = below + count, upper
    return lower
