"""Names for rows: UUIDv7, so that what is made later sorts later.

Pure: the clock and the randomness come from the caller, which keeps simulations repeatable.

Not here: where the time and the random bytes come from (the context of an action).
"""

from __future__ import annotations

from uuid import UUID

_MS_BITS = 48
RANDOM_BYTES = 10


def uuid7_from(ms: int, random_bytes: bytes) -> UUID:
    """RFC 9562 version 7: 48 bits of Unix milliseconds, then 74 of the given random bits."""
    assert 0 <= ms < 1 << _MS_BITS, "milliseconds since 1970 fit 48 bits until the year 10889"
    assert len(random_bytes) >= RANDOM_BYTES, "74 random bits need ten bytes"
    noise = int.from_bytes(random_bytes[:RANDOM_BYTES], "big")
    rand_a = noise >> 68  # the top 12 of 80 bits
    rand_b = noise & ((1 << 62) - 1)
    return UUID(int=ms << 80 | 7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)


def ms_of(uuid: UUID) -> int:
    """The millisecond a version 7 name was made in."""
    assert uuid.version == 7, "only a version 7 name carries its time"
    return uuid.int >> 80
