"""Numbers and amounts of money, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

#: A number is short; so is the time that looking for one takes.
MAX_LENGTH = 60
_DOLLARS = frozenset({"usd", "sgd", "aud", "cad", "nzd", "hkd", "twd", "bnd"})
_WORDS = {
    "thb": "฿ thb baht บาท",
    "myr": "rm myr",
    "usd": "us$ usd",
    "sgd": "s$ sgd",
    "aud": "a$ au$ aud",
    "cad": "c$ ca$ cad",
    "hkd": "hk$ hkd",
    "nzd": "nz$ nzd",
    "twd": "nt$ twd",
    "bnd": "b$ bnd",
    "eur": "€ eur euro euros",
    "gbp": "£ gbp",
    "jpy": "jpy 円",
    "cny": "cny rmb 元",
    "inr": "₹ inr rs rs.",
    "idr": "rp rp. idr",
    "php": "₱ php",
    "vnd": "₫ vnd",
    "krw": "₩ krw",
    "chf": "chf",
    "sar": "sar sr ر.س ريال ریال",
    "aed": "aed dh dhs د.إ درهم",
    "egp": "egp ج.م جنيه",
    "jod": "jod د.أ",
    "kwd": "kwd د.ك",
    "qar": "qar ر.ق",
    "%": "% ٪ percent",
}
UNITS = {word: frozenset({unit}) for unit, words in _WORDS.items() for word in words.split()}
UNITS |= dict.fromkeys(["$", "dollar", "dollars"], _DOLLARS) | {"¥": frozenset({"jpy", "cny"})}
_UNIT = "|".join(re.escape(word) for word in sorted(UNITS, key=len, reverse=True))
# Thousands with commas, spaces or apostrophes; with points where there are several or a decimal comma follows. A lone
# comma before three digits separates thousands, a lone point never does. No other integer begins with a zero: such a
# text is an identifier.
_DIGITS = re.compile(
    r"(?P<grouped>[1-9]\d{0,2}(?:,\d{2,3})*,\d{3})(?:\.(?P<a>\d+))?"
    r"|(?P<spaced>[1-9]\d{0,2}(?:[ '’٬]\d{3})+)(?:[.,٫](?P<b>\d+))?"
    r"|(?P<pointed>[1-9]\d{0,2}(?:\.\d{3})+)(?:,(?P<c>\d+))"
    r"|(?P<points>[1-9]\d{0,2}(?:\.\d{3}){2,})"
    r"|(?P<whole>0|[1-9]\d*)?(?:[.٫](?P<d>\d+)|,(?P<e>\d{1,2}|\d{4,}))?"
)
_AMOUNT = re.compile(
    rf"(?P<sign>[-−+]?) ?(?P<before>{_UNIT})? ?(?P<inner>[-−+]?)"
    rf"(?P<digits>[\d.](?:[\d.,'’٬٫ ]*\d)?)(?P<end>[-−]?) ?(?P<after>{_UNIT})?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, and which currencies it may be in, or that it is a percentage; `units` is empty where none is said."""

    value: Decimal
    units: frozenset[str]

    def is_same_as(self, other: Amount) -> bool:
        """Whether the numbers are equal and nothing said of their units contradicts."""
        return self.value == other.value and not (self.units and other.units and self.units.isdisjoint(other.units))


def read(text: str) -> Amount | None:
    """The amount that a text, as `texts.plain` makes it, is; None where it is anything else."""
    if len(text) > MAX_LENGTH:
        return None
    inside, in_brackets = _out_of_brackets(text)
    found = _AMOUNT.fullmatch(inside.removesuffix(".-").removesuffix("/-").rstrip(".,"))
    value = found and _value(found["digits"])
    if not found or value is None or (found["before"] and found["after"]):
        return None
    signs = [found[name] for name in ("sign", "inner", "end") if found[name]]
    if len(signs) + in_brackets > 1:
        return None
    negative = in_brackets or (bool(signs) and signs[0] != "+")
    return Amount(-value if negative else value, UNITS.get(found["before"] or found["after"] or "", frozenset()))


def _out_of_brackets(text: str) -> tuple[str, bool]:
    """In bookkeeping, brackets are a minus."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    return text, False


def _value(digits: str) -> Decimal | None:
    found = _DIGITS.fullmatch(digits)
    if found is None:
        return None
    whole = next((found[name] for name in ("grouped", "spaced", "pointed", "points", "whole") if found[name]), "")
    fraction = next((found[name] for name in "abcde" if found[name]), "")
    return Decimal(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{fraction or '0'}") if whole or fraction else None
