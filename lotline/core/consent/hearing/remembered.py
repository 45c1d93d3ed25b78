"""What was heard lately: people write "ok", "thanks" and "yes" all day, and each is heard once.

Invariant: the answer is the one that hearing anew would give, for all that hearing looks at tells
one case from another. Of a customer's words nothing is kept but a fingerprint.

Not here: hearing itself (`hear`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lotline.core.base.recent import Recent, fingerprint
from lotline.core.consent.hearing.hear import Heard, hear
from lotline.core.consent.hearing.normalise import fold, tidy, words_of
from lotline.core.consent.hearing.quotes import ECHO_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 160  # whoever writes more hardly writes it twice
_KEPT = 4096  # texts
_CASES = 8  # of one text, beside others of ours or from somebody who is out


class _Known(NamedTuple):
    """A text's answers by case. `may_echo`: so long that it may repeat one of ours."""

    may_echo: bool
    answers: dict[tuple[bytes, bool, bool], Heard]


_known: Recent[_Known] = Recent(_KEPT)


def hear_again(
    text: str, *, ours: Sequence[str] = (), out: bool = False, asked_to_return: bool = False
) -> Heard:
    """As `hear`, at a glance where the same was heard lately."""
    if len(text) > _LONGEST:
        return hear(text, ours=ours, out=out, asked_to_return=asked_to_return)
    name = fingerprint(text)
    known = _known.get(name)
    if known is None:
        known = _Known(_may_echo(text), {})
        _known.keep(name, known)
    # Whether there are any texts of ours counts always, what they say only where it may be echoed.
    beside = b"" if not ours else fingerprint(*ours) if known.may_echo else b"some"
    case = beside, out, asked_to_return
    heard = known.answers.get(case)
    if heard is None:
        heard = hear(text, ours=ours, out=out, asked_to_return=asked_to_return)
        if len(known.answers) >= _CASES:
            known.answers.clear()
        known.answers[case] = heard
    return heard


def _may_echo(text: str) -> bool:
    """No sentence has more words than the whole."""
    return len(words_of(fold(tidy(text)))) >= ECHO_WORDS
