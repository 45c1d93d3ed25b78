"""Why a text is flagged, in the words that stand first in the review.

Invariant: a find is quoted as it was written; where its words can no longer be found, the screen is
named instead.

Not here: finding (`screens`), what a manager makes of it (`actions.review`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lotline.core.oversight.masking import hidden_in, masked
from lotline.core.oversight.screens import load_screens, screens_in

_LONGEST = 60
_PURPOSES = {"reply": "Reply", "update": "Update", "offer": "Offer"}


def told(
    reasons: Sequence[str],
    body: str,
    *,
    detail: Mapping[str, Any],
    words: Collection[str] = (),
    who: str = "",
) -> tuple[str, ...]:
    """One line for each reason."""
    finds = {one.screen: one for one in reversed(screens_in(body, words=words))}
    plain = masked(body, hidden_in(body), load_screens())
    lines = []
    for name in reasons:
        find = finds.get(name)
        quote = plain[find.start : find.end].strip()[:_LONGEST] if find is not None else ""
        line = load_screens()[name].told
        if "{words}" in line and not quote:
            line = f"Found {load_screens()[name].says}"
        lines.append(
            line.format(
                words=quote,
                n=detail.get("n", ""),
                who=who or "A teammate",
                **{
                    "from": _PURPOSES.get(str(detail.get("from")), "another"),
                    "to": _PURPOSES.get(str(detail.get("to")), "another"),
                },
            )
        )
    return tuple(lines)


def quoted(
    reasons: Sequence[str], body: str, words: Collection[str] = ()
) -> tuple[int, int] | None:
    """Where the words stand that made the first of these reasons."""
    for name in reasons:
        for one in screens_in(body, words=words):
            if one.screen == name:
                return one.start, one.end
    return None
