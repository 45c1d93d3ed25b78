"""Segments agree with a second, independent count made from the bytes a carrier would send."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lotline.core.messaging.segments import count, straighten

# GSM 03.38 by code point, written down apart from the product: 0x00-0x7F, 0x1B is the escape.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F}
ESCAPED |= {"[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
GSM = st.text(st.sampled_from([*TABLE.replace("\x1b", ""), *ESCAPED]), max_size=500)
ANY = st.text(
    st.one_of(
        st.sampled_from([*"abc xyz é€[]~’“…–", "\u00a0", "🚗", "👍", "日"]),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=300,
)


def septets(char: str) -> list[int] | None:
    if char in ESCAPED:
        return [0x1B, ESCAPED[char]]
    return [TABLE.index(char)] if char in TABLE and char != "\x1b" else None


def by_bytes(body: str) -> list[int]:
    """Units of each part, greedily, from encoded characters."""
    encoded = [septets(char) for char in body]
    if None in encoded:
        units = [len(char.encode("utf-16-be")) // 2 for char in body]
        alone, room = 70, 67
    else:
        units = [len(char or []) for char in encoded]
        alone, room = 160, 153
    if sum(units) <= alone:
        return [sum(units)]
    parts, left = [], units
    while left:
        fits = 0
        while fits < len(left) and sum(left[: fits + 1]) <= room:
            fits += 1
        parts.append(sum(left[:fits]))
        left = left[fits:]
    return parts


def test_the_tables_of_the_standard_have_their_sizes() -> None:
    assert len(TABLE) == 128
    assert len(set(TABLE)) == 128


@given(st.one_of(GSM, ANY))
@example("a" * 152 + "€" + "b" * 20)
@example("я" * 66 + "🚗" + "б" * 10)
def test_the_count_of_the_bytes(body: str) -> None:
    parts, counted = by_bytes(body), count(body)

    assert counted.count == (len(parts) if body else 0)
    assert counted.used == parts[-1]
    assert (
        counted.limit
        == {True: (160, 153), False: (70, 67)}[counted.encoding == "gsm7"][len(parts) > 1]
    )


@given(ANY, ANY)
def test_more_text_never_takes_fewer_segments(body: str, more: str) -> None:
    assert count(body + more).count >= count(body).count


@given(ANY)
def test_culprits_are_just_the_characters_that_force_the_larger_alphabet(body: str) -> None:
    counted = count(body)

    assert (counted.encoding == "ucs2") == bool(counted.culprits)
    assert count("".join(char for char in body if char not in counted.culprits)).encoding == "gsm7"
    for culprit in counted.culprits:
        assert culprit in body
        assert count(culprit).encoding == "ucs2"
    assert len(set(counted.culprits)) == len(counted.culprits)


@given(ANY)
def test_straightening_is_done_once_and_never_costs_a_culprit(body: str) -> None:
    plain = straighten(body)

    assert straighten(plain) == plain
    assert set(count(plain).culprits) <= set(count(body).culprits)
    assert count(body).straightened == plain


@pytest.mark.parametrize(
    "body, segments, used, limit",
    [
        ("", 0, 0, 160),
        ("a", 1, 1, 160),
        ("a" * 160, 1, 160, 160),
        ("a" * 161, 2, 8, 153),
        ("a" * 306, 2, 153, 153),
        ("a" * 307, 3, 1, 153),
        ("€" * 80, 1, 160, 160),
        ("€" * 81, 2, 10, 153),  # 76 in the first part, whose last unit stays empty
        ("a" * 152 + "€" * 5, 2, 10, 153),
        ("a" * 153 + "€" * 4, 2, 8, 153),
        ("б" * 70, 1, 70, 70),
        ("б" * 71, 2, 4, 67),
        ("б" * 134, 2, 67, 67),
        ("б" * 135, 3, 1, 67),
        ("🚗" * 35, 1, 70, 70),
        ("🚗" * 36, 2, 6, 67),  # 33 in the first part: a car is not cut in half
        ("б" * 66 + "🚗🚗🚗", 2, 6, 67),
        ("б" * 67 + "🚗🚗", 2, 4, 67),
        ("👨‍👩‍👧", 1, 8, 70),
    ],
)
def test_boundaries(body: str, segments: int, used: int, limit: int) -> None:
    counted = count(body)

    assert (counted.count, counted.used, counted.limit) == (segments, used, limit)


def test_a_curly_apostrophe_is_named_and_straightened() -> None:
    counted = count("Your car’s ready — come “now”…\u00a0ok")

    assert counted.encoding == "ucs2"
    assert counted.culprits == ("’", "—", "“", "”", "…", "\u00a0")
    assert counted.straightened == 'Your car\'s ready - come "now"... ok'
    assert count(counted.straightened).encoding == "gsm7"


def test_words_of_other_languages_and_emoji_are_not_straightened() -> None:
    body = "¿Está listo? ça va 🚗 日本"

    assert straighten(body) == body


def test_spanish_accents_that_the_small_alphabet_lacks_are_named() -> None:
    assert count("mañana a las 5, ¿sí?").culprits == ("í",)
    assert count("mañana à 5 é").culprits == ()
