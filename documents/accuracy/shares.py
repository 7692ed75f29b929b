"""Shares and their 95 % intervals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

#: Of the standard normal distribution: 95 % lie within so many standard deviations.
Z = Decimal("1.959963984540054")
PLACES = Decimal("0.0001")


def wilson(correct: int, total: int) -> tuple[Decimal, Decimal]:
    """The 95 % interval of the share `correct` of `total`, from 0 to 1, to four places; of nothing, all from 0 to 1.

    E. B. Wilson, Probable Inference, JASA 22 (1927), as method 3 of R. G. Newcombe, Statistics in Medicine 17 (1998).
    Raises ValueError for counts that can't be.
    """
    if not 0 <= correct <= total:
        raise ValueError(f"{correct} of {total}")
    if total == 0:
        return Decimal(0), Decimal(1)
    wrong, square = total - correct, Z * Z
    spread = Z * (square + 4 * Decimal(correct) * wrong / total).sqrt()
    low, high = ((2 * correct + square + side * spread) / (2 * (total + square)) for side in (-1, 1))
    return max(low, Decimal(0)).quantize(PLACES), min(high, Decimal(1)).quantize(PLACES)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    correct: int
    total: int

    @property
    def value(self) -> Decimal:
        """From 0 to 1 to four places, rounded down: what is shown as a threshold has reached it. Of nothing it is 0."""
        return (Decimal(self.correct) / max(self.total, 1)).quantize(PLACES, ROUND_DOWN)

    @property
    def low(self) -> Decimal:
        """Where its 95 % interval begins."""
        return wilson(self.correct, self.total)[0]

    @property
    def high(self) -> Decimal:
        """Where its 95 % interval ends."""
        return wilson(self.correct, self.total)[1]

    def reaches(self, threshold: Decimal) -> bool:
        """Whether it is at least `threshold`, without rounding; of nothing it is never."""
        return self.total > 0 and self.correct >= threshold * self.total
