"""Whether a value is the one that was expected, and how sure a share of such values is. Pure.

What counts as the same: docs/decisions/0015-accuracy-and-gates.md.
"""

from documents.accuracy.dates import month_first
from documents.accuracy.matching import matches, matches_exactly
from documents.accuracy.shares import Share, wilson

__all__ = ["Share", "matches", "matches_exactly", "month_first", "wilson"]
