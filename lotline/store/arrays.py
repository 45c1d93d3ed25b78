"""Lists as arrays in PostgreSQL's own binary form: what a batch hands over, a column at a time.

The driver's way is to write each element as text and look whether it must be quoted; for bytes
that is hexadecimal, read back by the server. A batch is little else than such lists.

Not here: which statement takes which list (`sql/`).
"""

from __future__ import annotations

from datetime import datetime
from struct import Struct
from typing import Any
from uuid import UUID

from psycopg.adapt import Buffer
from psycopg.types.array import ListBinaryDumper

# dimensions, whether any is null, the element's type, how many, the first one's index
_HEAD = Struct("!iiIii").pack
_SIZE = Struct("!i").pack
_OF_16 = _SIZE(16)
_NULL = _SIZE(-1)
_PLAIN = frozenset({UUID, bytes, str, bool, int, datetime})


class Column(ListBinaryDumper):
    """A flat list without surprises is packed here; any other is the driver's."""

    def dump(self, obj: list[Any]) -> Buffer | None:
        if not obj or self.sub_dumper is None or not self.sub_dumper.oid:
            return super().dump(obj)
        kinds = set(map(type, obj)) - {type(None)}
        if len(kinds) != 1 or not kinds <= _PLAIN:
            return super().dump(obj)
        parts = self._packed(obj, kinds.pop())
        return _HEAD(1, int(_NULL in parts), self.sub_dumper.oid, len(obj), 1) + b"".join(parts)

    def _packed(self, items: list[Any], kind: type) -> list[bytes]:
        if kind is UUID:
            return [_NULL if one is None else _OF_16 + one.bytes for one in items]
        if kind is bytes:
            return [_NULL if one is None else _SIZE(len(one)) + one for one in items]
        assert self.sub_dumper is not None, "asked by whoever calls"
        known: dict[Any, bytes] = {}  # an instant, a state, a line: mostly the same in all rows
        for one in items:
            if one not in known:
                written = None if one is None else self.sub_dumper.dump(one)
                known[one] = _NULL if written is None else _SIZE(len(written)) + bytes(written)
        return [known[one] for one in items]
