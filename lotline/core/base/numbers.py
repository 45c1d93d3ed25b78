"""Telephone numbers: read from what a person typed, kept as E.164, shown as people write them.

A number is accepted when a text could reach it, even when the library has not heard of its area
code yet: new codes open every few months and a real customer must not be refused for owning one.

Not here: where the number's owner may be (`places`), what a carrier knows about it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from lotline.core.base.atlas import load_area_codes

_NORTH_AMERICA = 1
_DIGITS, _AREA_CODE_DIGITS = 10, 3
_ALLOWED = re.compile(r"(?:tel:)?\+?[\d\s().\-/_,\u2010-\u2015\u2212]+", re.IGNORECASE)
# Neither half may begin with 0 or 1 or be a service code like 411; n9x, 37x and 96x are kept back.
_NANP = re.compile(r"(?!.11)(?!.9)(?!37)(?!96)[2-9]\d\d(?!.11)[2-9]\d{6}")
_EXTENSION = re.compile(r"(?:ext?\.?|extension|x|#)\s*\d{1,6}\s*$", re.IGNORECASE)

_ENTER = "Enter a 10-digit mobile number."
_MISSING = "This number is missing {} digits."
_MISSING_ONE = "This number is missing a digit."
_TOO_LONG = "This number has too many digits."
_NO_EXTENSION = "A text cannot reach an extension. Enter a mobile number."
_NO_SUCH = "This is not a phone number that can exist. Check the area code."
_PREMIUM = "A 900 number cannot get texts."
_FOREIGN = "This is not a phone number we know in that country."


class NumberKind(StrEnum):
    """What sort of line a number is, as far as the number itself tells."""

    MOBILE = "mobile"  # or a landline: in North America the digits alone do not say
    LANDLINE = "landline"
    VOIP = "voip"
    TOLL_FREE = "toll_free"
    UNKNOWN = "unknown"


class BadNumber(ValueError):
    """The text is no number we can send to. Its words are for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Number:
    """`area_code` is empty outside North America."""

    e164: str
    kind: NumberKind
    area_code: str


_KINDS = {
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberKind.LANDLINE,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
}


def parse_number(raw: str, region: str = "US") -> Number:
    """The number in `raw`; `BadNumber` carries a sentence for the person who typed it."""
    text = unicodedata.normalize("NFKC", raw)
    text = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    if _EXTENSION.search(text) and sum(char.isdigit() for char in text) > _DIGITS:
        raise BadNumber(_NO_EXTENSION)
    if not _ALLOWED.fullmatch(text):
        raise BadNumber(_ENTER)
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        abroad = text.startswith("+") and not text.startswith("+1")
        raise BadNumber(_FOREIGN if abroad else _reason(text)) from error
    if parsed.country_code == _NORTH_AMERICA:
        return _north_american(str(parsed.national_number), text)
    if not phonenumbers.is_valid_number(parsed):
        raise BadNumber(_FOREIGN)
    return Number(
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        _KINDS.get(phonenumbers.number_type(parsed), NumberKind.UNKNOWN),
        "",
    )


def shown(e164: str) -> str:
    """`+16145550142` is `(614) 555-0142`; numbers elsewhere keep their country code."""
    if e164.startswith("+1") and len(e164) == len("+16145550142"):
        return f"({e164[2:5]}) {e164[5:8]}-{e164[8:]}"
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164  # a short code or a name, as it is
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def _north_american(digits: str, text: str) -> Number:
    if not _NANP.fullmatch(digits):
        raise BadNumber(_reason(text))
    codes = load_area_codes()
    area = digits[:_AREA_CODE_DIGITS]
    if area in codes.premium:
        raise BadNumber(_PREMIUM)
    if area in codes.toll_free:
        kind = NumberKind.TOLL_FREE
    elif area in codes.state:
        kind = NumberKind.MOBILE
    else:  # Canada and the islands, personal numbers, or a code newer than our tables
        parsed = phonenumbers.PhoneNumber(_NORTH_AMERICA, int(digits))
        kind = _KINDS.get(phonenumbers.number_type(parsed), NumberKind.UNKNOWN)
    return Number(f"+1{digits}", kind, area)


def _reason(text: str) -> str:
    digits = "".join(char for char in text if char.isdigit())
    if text.startswith("+1") or len(digits) > _DIGITS:
        digits = digits.removeprefix("1")
    missing = _DIGITS - len(digits)
    if missing < 0:
        return _TOO_LONG
    if missing == 0:
        return _NO_SUCH
    if missing == 1:
        return _MISSING_ONE
    return _MISSING.format(missing) if len(digits) > _AREA_CODE_DIGITS else _ENTER
