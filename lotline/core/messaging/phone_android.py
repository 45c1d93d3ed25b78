"""An Android phone's texts, from the XML that "SMS Backup & Restore" writes.

The file is read once, piece by piece, in memory that does not grow with it. It is often no XML at
all: pictures of faces stand in it as halves of pairs, control characters as they came. These are
mended on the way; a document type, an entity, or anything nested where nothing is, is refused.

Not here: whose texts are kept (`actions.bring`), an iPhone's (`adapters.phones`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import Any
from xml.parsers import expat

from lotline.core.messaging.phone import BadExport, PhoneText, tidy_body, unix_instant

LONGEST_VALUE = 65_536  # a picture is one attribute of many megabytes; the rest of it is let go
MOST_ATTRIBUTES = 128
LONGEST_TAG = 65_536  # without its values
DEEPEST = 6
MOST_PARTS = 200

_BROKEN = "This file is broken off or damaged. Copy it from the phone again."
_NOT_IT = "This isn’t a backup of texts by SMS Backup & Restore."
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TAG_STOPS = re.compile(rb"[>\"'<]")
_SURROGATES = range(0xD800, 0xE000)
_LAST = 0x10FFFF
_WHITE = frozenset({9, 10, 13})
_SPACE = 0x20
_NOBODY = {0xFFFE, 0xFFFF}

_SMS = {"1": "in", "2": "out"}
_TOLD_OF = "130"  # a notice that a picture waits, not the picture


class _Mode(Enum):
    TEXT = auto()
    COMMENT = auto()
    ORDER = auto()  # <?...?>
    TAG = auto()
    VALUE = auto()


_CLOSES = {_Mode.COMMENT: b"-->", _Mode.ORDER: b"?>"}


class Lean:
    """The file without what is not needed and with what was broken mended, for a real parser."""

    def __init__(self) -> None:
        self._mode = _Mode.TEXT
        self._left = b""
        self._quote = b""
        self._value: list[bytes] = []
        self._held = self._tag = self._attributes = 0

    def feed(self, chunk: bytes, *, last: bool = False) -> bytes:
        data = self._left + chunk
        self._left = b""
        out: list[bytes] = []
        at = 0
        while at < len(data):
            if self._mode is _Mode.TAG:
                at = self._in_tag(data, at, out)
            elif self._mode is _Mode.VALUE:
                at = self._in_value(data, at, out)
            elif self._mode is _Mode.TEXT:
                at = self._in_text(data, at, out, last=last)
            else:
                at = self._in_aside(data, at)
        return b"".join(out)

    def _in_text(self, data: bytes, at: int, out: list[bytes], *, last: bool) -> int:
        """Between tags nothing is said."""
        start = data.find(b"<", at)
        if start < 0:
            return len(data)
        if len(data) - start < len(b"<!--") and not last:
            self._left = data[start:]
            return len(data)
        if data.startswith(b"<!--", start):
            self._mode = _Mode.COMMENT
            return start + 4
        if data.startswith(b"<?", start):
            self._mode = _Mode.ORDER
            return start + 2
        if data.startswith(b"<!", start):
            raise BadExport(_NOT_IT)  # a document type, or words outside of attributes
        self._mode, self._tag, self._attributes = _Mode.TAG, 0, 0
        out.append(b"<")
        return start + 1

    def _in_aside(self, data: bytes, at: int) -> int:
        close = _CLOSES[self._mode]
        end = data.find(close, at)
        if end < 0:
            self._left = data[max(at, len(data) - len(close) + 1) :]
            return len(data)
        self._mode = _Mode.TEXT
        return end + len(close)

    def _in_tag(self, data: bytes, at: int, out: list[bytes]) -> int:
        stop = _TAG_STOPS.search(data, at)
        end = stop.end() if stop else len(data)
        out.append(data[at:end])
        self._tag += end - at
        if self._tag > LONGEST_TAG:
            raise BadExport(_NOT_IT)
        if stop and stop[0] == b"<":
            raise BadExport(_BROKEN)
        if stop and stop[0] == b">":
            self._mode = _Mode.TEXT
        elif stop:
            self._attributes += 1
            if self._attributes > MOST_ATTRIBUTES:
                raise BadExport(_NOT_IT)
            self._mode, self._quote, self._value, self._held = _Mode.VALUE, stop[0], [], 0
        return end

    def _in_value(self, data: bytes, at: int, out: list[bytes]) -> int:
        found = data.find(self._quote, at)
        end = len(data) if found < 0 else found
        if self._held < LONGEST_VALUE:
            piece = data[at : min(end, at + LONGEST_VALUE - self._held)]
            self._value.append(piece)
            self._held += len(piece)
        if found < 0:
            return end
        out.extend((_mended(b"".join(self._value), cut=self._held >= LONGEST_VALUE), self._quote))
        self._mode, self._value = _Mode.TAG, []
        return end + 1


def _mended(value: bytes, *, cut: bool) -> bytes:
    words = value.decode("utf-8", "replace")
    if cut:  # not in the middle of a reference
        words = words[: words.rfind("&")] if "&" in words[-12:] else words
    if "&#" in words:
        words = _REFERENCE.sub(_one, words)
        words = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", words).encode()


def _one(found: re.Match[str]) -> str:
    """Halves of a pair become characters, so that they meet; what no XML may hold is let go."""
    code = int(found[1], 16) if found[1] else int(found[2])
    if code in _SURROGATES:
        return chr(code)
    allowed = code in _WHITE or (_SPACE <= code <= _LAST and code not in _NOBODY)
    return found[0] if allowed else ""


class _Reader:
    """Tags to texts."""

    def __init__(self) -> None:
        self.found: list[PhoneText | None] = []
        self.ended = False
        self._path: list[str] = []
        self._mms: dict[str, str] | None = None
        self._parts: list[str] = []
        self._senders: set[str] = set()
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.EntityDeclHandler = _refuse

    def _start(self, name: str, given: dict[str, str]) -> None:
        if not self._path and name != "smses":
            raise BadExport(_NOT_IT)
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise BadExport(_NOT_IT)
        if name == "sms":
            self.found.append(_sms(given))
        elif name == "mms":
            self._mms, self._parts, self._senders = given, [], set()
        elif self._mms is not None and name == "part" and len(self._parts) < MOST_PARTS:
            text = given.get("text", "null")
            if given.get("ct") == "text/plain" and text != "null":
                self._parts.append(text)

    def _end(self, name: str) -> None:
        self._path.pop()
        if name == "mms" and self._mms is not None:
            self.found.append(_mms(self._mms, self._parts))
            self._mms = None
        self.ended = not self._path


def read_android(chunks: Iterable[bytes]) -> Iterator[PhoneText | None]:
    """Each text of the file, in its order; None for drafts, groups and what was never sent."""
    lean, reader = Lean(), _Reader()
    try:
        for chunk in chunks:
            reader.parser.Parse(lean.feed(chunk), False)
            yield from reader.found
            reader.found.clear()
        reader.parser.Parse(lean.feed(b"", last=True), True)
        yield from reader.found
    except expat.ExpatError:
        raise BadExport(_BROKEN) from None


def _sms(given: dict[str, str]) -> PhoneText | None:
    direction = _SMS.get(given.get("type", ""))
    return _text(given, direction, given.get("body", ""))


def _mms(given: dict[str, str], parts: list[str]) -> PhoneText | None:
    if given.get("m_type") == _TOLD_OF:
        return None
    return _text(given, _SMS.get(given.get("msg_box", "")), "\n".join(parts))


def _text(given: dict[str, str], direction: Any, body: str) -> PhoneText | None:
    address, date = given.get("address", ""), given.get("date", "")
    if direction is None or "~" in address or not date.isascii() or not date.isdigit():
        return None
    at = unix_instant(int(date[:18]))
    if at is None:
        return None
    return PhoneText(address[:64], direction, at, tidy_body("" if body == "null" else body))


def _refuse(*_declared: object) -> None:
    raise BadExport(_NOT_IT)
