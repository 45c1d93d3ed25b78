"""Canonical JSON: one value, one sequence of bytes.

Keys are ASCII and sorted, nothing is spaced, text is UTF-8 as it is, numbers are whole and fit a
double exactly. Two writings of one value are therefore one hash, in any language (for such values
the bytes are those of RFC 8785). Reading is strict: a doubled key, a fraction or a NaN is refused.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

Json = None | bool | int | str | list[Any] | dict[str, Any]

LARGEST = 2**53 - 1

_write = msgspec.json.Encoder(order="sorted").encode  # for what `_check` lets through


class NotCanonical(ValueError):
    """The value or the bytes have no canonical form."""


def canonical(value: Any) -> bytes:
    """The one sequence of bytes that stands for `value`."""
    _check(value)
    try:
        return _write(value)
    except UnicodeEncodeError as error:
        raise NotCanonical("a text holds half of a surrogate pair") from error


def parse(data: bytes) -> Json:
    """The value of some JSON, in any layout, or `NotCanonical`."""
    try:
        text = data.decode("utf-8")
        value: Json = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
        _check(value)
    except RecursionError as error:
        raise NotCanonical("nested too deep") from error
    except NotCanonical:
        raise
    except ValueError as error:
        raise NotCanonical("not JSON in UTF-8") from error
    return value


def instant(at: datetime) -> str:
    """An instant as the ledger writes it: UTC, microseconds, always 27 characters."""
    assert at.tzinfo is not None, "an instant carries its zone"
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def read_instant(text: str) -> datetime:
    """The instant back, or `NotCanonical` when it is written in any other way."""
    try:
        at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise NotCanonical("not an instant") from error
    if instant(at) != text:
        raise NotCanonical("not an instant as the ledger writes it")
    return at


def _check(value: Any) -> None:
    # Exact types: a subclass may print as something else than it compares to.
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is dict:
        for key, inner in value.items():
            if type(key) is not str or not key.isascii():
                raise NotCanonical("a key is ASCII text")
            if type(inner) is not str:
                _check(inner)
    elif kind is int:
        if not -LARGEST <= value <= LARGEST:
            raise NotCanonical("a number is too large to be exact everywhere")
    elif kind is list or kind is tuple:
        for inner in value:
            _check(inner)
    else:
        raise NotCanonical(f"{kind.__name__} has no canonical form")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("a key is given twice")
    return found


def _no_fraction(text: str) -> NoReturn:
    raise NotCanonical(f"{text[:20]} is not a whole number")
