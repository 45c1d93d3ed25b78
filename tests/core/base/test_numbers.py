"""A number is read however people write it, and refused in words they can act on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.base.numbers import BadNumber, Number, NumberKind, parse_number, shown

INVENTED = st.integers(100, 199).map(lambda line: f"5550{line}")
AREA = st.sampled_from(["212", "614", "219", "729", "448", "787", "907", "808", "671", "684"])
SPELLINGS = [
    "{a}{b}{c}",
    "({a}) {b}-{c}",
    "{a}.{b}.{c}",
    "{a} {b} {c}",
    "{a}-{b}-{c}",
    "1{a}{b}{c}",
    "1-{a}-{b}-{c}",
    "+1{a}{b}{c}",
    "+1 ({a}) {b}-{c}",
    "  +1 {a}/{b}-{c}\n",
    "tel:+1-{a}-{b}-{c}",
    "\u202a({a}) {b}\u2011{c}\u202c",  # as pasted from an address book
    "{a}\u00a0{b}\u2013{c}",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_number_however_it_is_written(spelling: str) -> None:
    raw = spelling.format(a="614", b="555", c="0142")

    assert parse_number(raw) == Number("+16145550142", NumberKind.MOBILE, "614")


def test_full_width_digits_are_digits() -> None:
    wide = "6145550142".translate({ord(digit): ord(digit) - 48 + 0xFF10 for digit in "0123456789"})

    assert parse_number(wide).e164 == "+16145550142"


@given(area=AREA, rest=INVENTED)
def test_invented_numbers_can_be_texted_in_every_area(area: str, rest: str) -> None:
    number = parse_number(area + rest)

    assert number.e164 == f"+1{area}{rest}"
    assert number.kind is NumberKind.MOBILE


@given(area=AREA, rest=INVENTED)
def test_what_is_shown_reads_back_as_the_same_number(area: str, rest: str) -> None:
    number = parse_number(area + rest)

    assert parse_number(shown(number.e164)) == number


@pytest.mark.parametrize(
    "raw, kind, area",
    [
        ("800-555-0142", NumberKind.TOLL_FREE, "800"),
        ("833-555-0142", NumberKind.TOLL_FREE, "833"),
        ("500-555-0006", NumberKind.UNKNOWN, "500"),
        ("604-555-0142", NumberKind.MOBILE, "604"),
        ("+44 7400 123456", NumberKind.MOBILE, ""),
        ("+44 20 7946 0958", NumberKind.LANDLINE, ""),
        ("+52 55 1234 5678", NumberKind.MOBILE, ""),
        ("274-555-0142", NumberKind.MOBILE, "274"),
        ("235-555-0142", NumberKind.MOBILE, "235"),
        ("738-555-0142", NumberKind.MOBILE, "738"),
    ],
)
def test_kinds(raw: str, kind: NumberKind, area: str) -> None:
    number = parse_number(raw)

    assert (number.kind, number.area_code) == (kind, area)


def test_an_area_code_newer_than_our_tables_is_not_refused() -> None:
    assert parse_number("(559) 555-0142").kind is NumberKind.MOBILE
    assert parse_number("(232) 555-0142") == Number("+12325550142", NumberKind.UNKNOWN, "232")


@pytest.mark.parametrize(
    "raw, sentence",
    [
        ("", "Enter a 10-digit mobile number."),
        ("   ", "Enter a 10-digit mobile number."),
        ("Ray", "Enter a 10-digit mobile number."),
        ("614", "Enter a 10-digit mobile number."),
        ("call 614-555-0142", "Enter a 10-digit mobile number."),
        ("614-555-0142 or 614-555-0143", "Enter a 10-digit mobile number."),
        ("ray@example.com", "Enter a 10-digit mobile number."),
        ("555-0142", "This number is missing 3 digits."),
        ("614-555-014", "This number is missing a digit."),
        ("+1 614-555-014", "This number is missing a digit."),
        ("614-555-01422", "This number has too many digits."),
        ("1-614-555-01422", "This number has too many digits."),
        ("614-555-0142 x12", "A text cannot reach an extension. Enter a mobile number."),
        ("614-555-0142 ext. 7", "A text cannot reach an extension. Enter a mobile number."),
        ("111-555-0142", "This is not a phone number that can exist. Check the area code."),
        ("014-555-0142", "This is not a phone number that can exist. Check the area code."),
        ("911-555-0142", "This is not a phone number that can exist. Check the area code."),
        ("614-155-0142", "This is not a phone number that can exist. Check the area code."),
        ("614-911-0142", "This is not a phone number that can exist. Check the area code."),
        ("290-555-0142", "This is not a phone number that can exist. Check the area code."),
        ("900-555-0142", "A 900 number cannot get texts."),
        ("+44 1", "This is not a phone number we know in that country."),
        ("+999 123 4567", "This is not a phone number we know in that country."),
    ],
)
def test_refusals_say_what_to_do(raw: str, sentence: str) -> None:
    with pytest.raises(BadNumber) as refused:
        parse_number(raw)

    assert str(refused.value) == sentence


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused_in_a_sentence(raw: str) -> None:
    try:
        said = parse_number(raw).e164
    except BadNumber as refused:
        said = str(refused)

    assert said.endswith(".") or re.fullmatch(r"\+[0-9]{7,15}", said)


@pytest.mark.parametrize(
    "e164, text",
    [
        ("+16145550142", "(614) 555-0142"),
        ("+447400123456", "+44 7400 123456"),
        ("24273", "24273"),
        ("Lotline", "Lotline"),
    ],
)
def test_shown(e164: str, text: str) -> None:
    assert shown(e164) == text
