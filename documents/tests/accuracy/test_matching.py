"""What counts as the same value, and what doesn't."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.accuracy import dates, matches, matches_exactly, month_first
from documents.accuracy.texts import plain

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=80),
    st.text(alphabet="0123456789.,-/()$%' ๒٣THB", max_size=14),
)
# Before 2057, two digits of a Buddhist year are one century.
DAYS = st.dates(date(1970, 1, 1), date(2056, 12, 31))
CENTS = st.integers(-(10**12), 10**12).map(lambda number: Decimal(number) / 100)
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
THAI_MONTHS = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
SPELLINGS = [
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day:%d-%m-%y}",
    lambda day: f"{day:%d %B %Y}",
    lambda day: f"{day:%b} {day.day}, {day.year}",
    lambda day: f"{day:%A}, {day.day}th of {day:%B} {day.year}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%Y-%m-%d}T00:00:00Z",
    lambda day: f"{day:%d/%m}/{day.year + 543}",
    lambda day: f"วันที่ {day.day} {THAI_MONTHS[day.month - 1]} พ.ศ. {day.year + 543}".translate(THAI_DIGITS),
    lambda day: f"{day.day} {THAI_MONTHS[day.month - 1]} {(day.year + 543) % 100:02}",
    lambda day: f"{day:%d/%m/%Y}".translate(ARABIC_DIGITS),
]
AMOUNTS = [
    lambda amount: f"{amount:,.2f}",
    lambda amount: f"THB {amount:,.2f}",
    lambda amount: f"{amount:,.2f} บาท".translate(THAI_DIGITS),
    lambda amount: f"{amount:,.2f}".replace(",", " ").replace(".", ","),
    lambda amount: f"{amount:,.2f}".translate(str.maketrans(",.", ".,")),
    lambda amount: f"{amount:,.2f}".replace(",", "'"),
    lambda amount: f"{amount:,.2f}".translate(ARABIC_DIGITS).replace(",", "٬").replace(".", "٫"),
    lambda amount: f"({-amount:,.2f})" if amount < 0 else f"฿{amount:,.2f}",
    lambda amount: float(amount),
]


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert matches_exactly(value, value)
    assert matches(value, value)


@given(VALUES, VALUES)
def test_it_does_not_matter_which_of_two_values_was_expected(one: Any, other: Any) -> None:
    assert matches_exactly(one, other) == matches_exactly(other, one)
    assert matches(one, other) == matches(other, one)


@given(VALUES, VALUES)
def test_what_is_the_same_to_the_letter_is_the_same(one: Any, other: Any) -> None:
    assert matches(one, other) or not matches_exactly(one, other)


@given(VALUES)
def test_a_value_that_went_through_json_is_the_same(value: Any) -> None:
    assert matches_exactly(json.loads(json.dumps(value)), value)


@pytest.mark.parametrize("number", range(len(SPELLINGS)))
@given(day=DAYS)
def test_a_date_is_the_same_in_each_spelling(number: int, day: date) -> None:
    assert matches(day.isoformat(), SPELLINGS[number](day))


@pytest.mark.parametrize("number", range(len(SPELLINGS)))
@given(day=DAYS, other=DAYS)
def test_another_date_is_another_in_each_spelling(number: int, day: date, other: date) -> None:
    assert matches(day.isoformat(), SPELLINGS[number](other)) == (day == other)


@pytest.mark.parametrize("number", range(len(AMOUNTS)))
@given(amount=CENTS)
def test_an_amount_is_the_same_in_each_spelling(number: int, amount: Decimal) -> None:
    assert matches(f"{amount:.2f}", AMOUNTS[number](amount))


@pytest.mark.parametrize("number", range(len(AMOUNTS)))
@given(amount=CENTS, other=CENTS)
def test_another_amount_is_another_in_each_spelling(number: int, amount: Decimal, other: Decimal) -> None:
    assert matches(f"{amount:.2f}", AMOUNTS[number](other)) == (amount == other)


@given(amount=CENTS.filter(bool))
def test_a_point_that_was_lost_or_moved_is_an_error(amount: Decimal) -> None:
    text = f"{amount:.2f}"
    assert not matches(text, text.replace(".", ""))
    assert not matches(text, text.replace(".", " "))
    assert not matches(text, f"{amount * 10:.2f}")


@given(st.text(alphabet="abcdefgxyz ", min_size=1).filter(str.strip), st.sampled_from([" ", "\n", "\t ", "\u00a0"]))
def test_white_space_and_case_do_not_count(text: str, space: str) -> None:
    assert matches(text, f"{space}{text.upper().replace(' ', space + space)}{space}")


@given(st.text(max_size=20_000))
def test_however_long_a_text_is_it_is_compared(text: str) -> None:
    assert matches(text, text + " ")


@pytest.mark.parametrize(
    ("expected", "given_value"),
    [
        ("MR. D.I.Y. (M) SDN BHD", "Mr DIY (M) Sdn. Bhd."),
        ("LOT 1851 -A & 1851-B, JALAN KPB 6", "LOT 1851-A & 1851-B JALAN KPB 6"),
        ("RM 29.70", 29.7),
        ("$8.70", "USD 8.70"),
        ("$8.70", "S$8.7"),
        ("07 MAY 2018", "2018-05-07"),
        ("24-03-18", "24/03/2018"),
        ("25 ديسمبر 2018", "2018-12-25"),
        ("25 كانون الأول 2018", "25/12/2018"),
        ("25/12/2018 10:35 AM", "2018-12-25T10:35:00"),
        ("บริษัท ตัวอย่าง จำกัด", "บริษัทตัวอย่างจำกัด"),
        ("مـحـمد", "محمد"),
        ("ＡＢＣ", "abc"),
        ("O'Brien", "O’Brien"),
        ("1,200.-", "1200"),
        ("7 %", 7),
        ("5", 5),
        (True, "True"),
        (None, ""),
        (None, " "),
        ("a\u200bb", "ab"),
    ],
)
def test_the_same_thing_in_other_words_is_right(expected: Any, given_value: Any) -> None:
    assert matches(expected, given_value)


@pytest.mark.parametrize(
    ("expected", "given_value"),
    [
        ("5", "-5"),
        ("5 °C", "-5 °C"),
        ("A", "A-"),
        ("A", "A+"),
        ("C", "C++"),
        ("12.50 kg", "1250 kg"),
        ("0123", "123"),
        ("0123", 123),
        (1, True),
        (0, False),
        (0, None),
        ("", 0),
        (None, "x"),
        ("USD 5", "THB 5"),
        ("5 %", "5 USD"),
        ("1,234", "1.234"),
        ("1E5", "100000"),
        ("12:30", "1230"),
        ("2018-03-05", "03/05/2018"),
        ("2018-12-25", "25/12/2018 10:35"),
        ("30/02/2018", "2018-03-02"),
        ("x", ["x"]),
        (None, []),
        (None, {}),
        ("-", "*"),
        ("ข้าว", "ขาว"),
    ],
)
def test_what_only_looks_alike_is_wrong(expected: Any, given_value: Any) -> None:
    assert not matches(expected, given_value)


def test_a_list_is_never_what_was_expected() -> None:
    assert not matches_exactly(["x"], ["x"])


def test_to_the_letter_means_to_the_letter() -> None:
    assert not matches_exactly("80.90", "80.9")
    assert not matches_exactly("a", "A")
    assert not matches_exactly(None, "")
    assert matches_exactly("80.9", 80.9)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["03/05/2018", "12/25/2018"], True),
        (["03/05/2018", "25/12/2018"], False),
        (["12/25/2018", "25/12/2018"], False),
        (["03/05/2018"], False),
        (["2018-12-25", "x", ""], False),
    ],
)
def test_the_other_dates_of_a_set_show_which_number_is_the_month(texts: list[str], expected: bool) -> None:
    assert month_first(texts) is expected


def test_the_month_stands_first_where_it_is_said_to() -> None:
    assert matches("2018-03-05", "03/05/2018", month_first=True)
    assert not matches("2018-05-03", "03/05/2018", month_first=True)
    assert matches("2018-12-25", "25/12/2018", month_first=True)


@pytest.mark.parametrize(
    "text",
    [
        "31/13/2018",
        "00/01/2018",
        "2018-02-30",
        "25:00",
        "1/2",
        "10/10/10/10",
        "25/12/2018 25:00",
        "25/12/2018 13:00 pm",
    ],
)
def test_what_no_calendar_has_is_no_date(text: str) -> None:
    assert dates.read(plain(text)) is None
