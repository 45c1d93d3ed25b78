"""How many segments a carrier will cut a text into, and what made it so many.

A text of the 7-bit alphabet holds 160 characters, or 153 in each part of several; one character
outside it turns the whole text into UCS-2, at 70 and 67. A part never splits an escaped
character or a surrogate pair, so a part may end with an unused unit.

Not here: adding the company's name or the STOP line (`footer`), what a segment costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # sent as an escape and a character: two units

GSM7_ALONE, GSM7_PART = 160, 153
UCS2_ALONE, UCS2_PART = 70, 67

# What a keyboard or a word processor puts in by itself and nobody misses.
_STRAIGHT = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "‛": "'",
        "′": "'",
        "´": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "‟": '"',
        "″": '"',
        "«": '"',
        "»": '"',
        "‹": "'",
        "›": "'",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "―": "-",
        "−": "-",
        "…": "...",
        "•": "-",
        "·": "-",
        "\t": " ",
        "\u00a0": " ",
        "\u2002": " ",
        "\u2003": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u200a": " ",
        "\u202f": " ",
        "\u3000": " ",
        "\u2028": "\n",
        "\u2029": "\n\n",
        "\u00ad": "",
        "\u200b": "",
        "\u2060": "",
        "\ufeff": "",
    }
)


@dataclass(frozen=True, slots=True)
class Segments:
    """`used` of `limit` units in the last segment. `culprits` force UCS-2, in order of appearance.

    `straightened` is the body with typographic marks replaced by plain ones; it is a proposal,
    and the figures are those of the body as given.
    """

    count: int
    used: int
    limit: int
    encoding: str  # gsm7 | ucs2
    culprits: tuple[str, ...]
    straightened: str


def count(body: str) -> Segments:
    """The segments of `body` as it is."""
    culprits = tuple(dict.fromkeys(char for char in body if not _is_gsm7(char)))
    sizes = [_ucs2_size(char) if culprits else _gsm7_size(char) for char in body]
    alone, part = (UCS2_ALONE, UCS2_PART) if culprits else (GSM7_ALONE, GSM7_PART)
    parts = [sum(sizes)] if sum(sizes) <= alone else _parts(sizes, part)
    return Segments(
        count=len(parts) if body else 0,
        used=parts[-1],
        limit=alone if len(parts) == 1 else part,
        encoding="ucs2" if culprits else "gsm7",
        culprits=culprits,
        straightened=straighten(body),
    )


def straighten(body: str) -> str:
    """Curly quotes, long dashes, ellipses and odd spaces made plain; words and emoji stay."""
    return body.translate(_STRAIGHT)


def _parts(sizes: Iterable[int], room: int) -> Sequence[int]:
    """The units used in each part; whatever does not fit whole begins the next one."""
    parts = [0]
    for size in sizes:
        if parts[-1] + size > room:
            parts.append(0)
        parts[-1] += size
    return parts


def _is_gsm7(char: str) -> bool:
    return char in _BASIC or char in _EXTENDED


def _gsm7_size(char: str) -> int:
    return 2 if char in _EXTENDED else 1


def _ucs2_size(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1
