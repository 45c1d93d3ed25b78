"""Names sort by the time they were made in and are valid version 7."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.base.ids import ms_of, uuid7_from

MS = st.integers(0, 2**48 - 1)
NOISE = st.binary(min_size=10, max_size=16)


@given(ms=MS, noise=NOISE)
def test_every_name_is_a_version_7_uuid_that_carries_its_time(ms: int, noise: bytes) -> None:
    name = uuid7_from(ms, noise)

    assert (name.version, name.variant) == (7, RFC_4122)
    assert ms_of(name) == ms


@given(early=MS, late=MS, a=NOISE, b=NOISE)
def test_a_later_name_sorts_later(early: int, late: int, a: bytes, b: bytes) -> None:
    early, late = sorted((early, late))
    if early == late:
        return

    assert uuid7_from(early, a) < uuid7_from(late, b)
    assert str(uuid7_from(early, a)) < str(uuid7_from(late, b))


@given(ms=MS, a=st.binary(min_size=10, max_size=10), b=st.binary(min_size=10, max_size=10))
def test_only_six_random_bits_are_given_up(ms: int, a: bytes, b: bytes) -> None:
    kept = (1 << 80) - 1 - (0b111111 << 62)
    same = int.from_bytes(a, "big") & kept == int.from_bytes(b, "big") & kept

    assert (uuid7_from(ms, a) == uuid7_from(ms, b)) == same


def test_the_published_example_of_the_rfc() -> None:
    """RFC 9562 A.6: rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F."""
    noise = (0xCC3 << 68 | 0x18C4DC0C0C07398F).to_bytes(10, "big")

    assert uuid7_from(0x017F22E279B0, noise) == UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")


@pytest.mark.parametrize("ms", [-1, 2**48])
def test_a_time_outside_48_bits_is_our_mistake(ms: int) -> None:
    with pytest.raises(AssertionError):
        uuid7_from(ms, bytes(10))


def test_too_little_randomness_is_our_mistake() -> None:
    with pytest.raises(AssertionError):
        uuid7_from(0, bytes(9))
