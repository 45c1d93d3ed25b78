"""A text as a private phone's export tells of it, and what every such export has in common.

An export is somebody's whole life. What is read here is handed on text by text, so that whoever
asks keeps what is a customer's and lets go of the rest.

Not here: the formats (`phone_android`, `adapters.phones`), whose texts are kept
(`actions.bring`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

LONGEST_BODY = 10_000  # in characters; ten segments are 1,530
EARLIEST = datetime(1992, 12, 3, tzinfo=UTC)  # the day of the first text ever sent

_APPLE_EPOCH = 978_307_200  # 2001-01-01 UTC, in Unix seconds
_APPLE_SECONDS_MAX = 10**11  # older systems count seconds, newer nanoseconds
_STRING, _PLUS = b"NSString", b"+"
_NEAR = 24  # so far behind the class's name its string begins
_TWO_BYTES, _FOUR_BYTES = 0x81, 0x82
_ATTACHMENT = "\ufffc"


class BadExport(Exception):
    """The file is no export that can be read; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class PhoneText:
    """One text between the phone's owner and one other number."""

    address: str  # as the phone wrote it
    direction: Literal["in", "out"]
    at: datetime
    body: str  # empty when it was a picture or a file


@dataclass(frozen=True, slots=True)
class Export:
    """A file of a known kind. `read` yields each text, or None for what is left out (a group's)."""

    kind: Literal["android", "iphone"]
    total: int  # bytes or rows, as `tell` counts them
    read: Callable[[Callable[[int], None]], Iterator[PhoneText | None]]


OpenExport = Callable[[Path], Export]


def sniff(first: bytes) -> Literal["android", "iphone"] | None:
    """What kind of export begins with these bytes; None for anything else."""
    if first.startswith(b"SQLite format 3\0"):
        return "iphone"
    start = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "android" if start.startswith((b"<?xml", b"<smses", b"<!--")) else None


def unix_instant(milliseconds: int) -> datetime | None:
    """None when no text can have been sent then."""
    return _instant(milliseconds / 1000)


def apple_instant(date: int) -> datetime | None:
    """Seconds, or nanoseconds, since 2001."""
    seconds = date if abs(date) < _APPLE_SECONDS_MAX else date / 10**9
    return _instant(seconds + _APPLE_EPOCH)


def _instant(unix: float) -> datetime | None:
    try:
        at = datetime.fromtimestamp(unix, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at >= EARLIEST else None


def tidy_body(words: str) -> str:
    """No NUL, no half of a pair, no mark of an attachment, and no longer than a text can be."""
    whole = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "").replace(_ATTACHMENT, "").strip()[:LONGEST_BODY]


def read_attributed(body: bytes) -> str | None:
    """The string in an `attributedBody` (a typedstream); None when it cannot be told.

    Only the one string is looked for: its class's name, a plus sign, its length and its UTF-8.
    """
    named = body.find(_STRING)
    if named < 0:
        return None
    after = named + len(_STRING)
    plus = body.find(_PLUS, after, after + _NEAR)
    if plus < 0 or plus + 1 >= len(body):
        return None
    start, length = plus + 2, body[plus + 1]
    if length == _TWO_BYTES:
        length, start = int.from_bytes(body[start : start + 2], "little"), start + 2
    elif length == _FOUR_BYTES:
        length, start = int.from_bytes(body[start : start + 4], "little"), start + 4
    elif length > _FOUR_BYTES:
        return None
    words = body[start : start + min(length, 4 * LONGEST_BODY)]
    if len(words) < min(length, 4 * LONGEST_BODY):
        return None  # cut off: half a sentence could say the opposite
    return words.decode("utf-8", "ignore" if length > 4 * LONGEST_BODY else "replace")
