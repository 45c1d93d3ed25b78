"""What we sent last, and what an answer to it therefore means.

"Cancel it" after a reminder of an appointment is about the appointment; "yes" after our question
whether they want texts again is a yes to that and to nothing else. Context may settle a doubt or
let an exact word mean what it says; it never softens a keyword or a sentence that asks to stop.

Not here: hearing the words themselves (`hear`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lotline.core.consent.hearing.normalise import fold, tidy, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class _Patterns:
    return_yes: re.Pattern[str]
    return_what: re.Pattern[str]
    appointment: re.Pattern[str]
    of_it: frozenset[str]


@cache
def _patterns() -> _Patterns:
    book = resources.files(__package__).joinpath("context.toml").read_text(encoding="utf-8")
    table = tomllib.loads(book)

    def any_of(name: str) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{one})" for one in table[name]))

    return _Patterns(
        any_of("return_yes"),
        any_of("return_what"),
        any_of("appointment"),
        frozenset(table["of_it"]),
    )


def asks_to_return(ours: Sequence[str]) -> bool:
    """Whether our latest text asked them, in so many words, to say yes to texts again."""
    if not ours:
        return False
    last, find = fold(tidy(ours[0])), _patterns()
    return bool(find.return_yes.search(last) and find.return_what.search(last))


def is_about_appointment(ours: Sequence[str]) -> bool:
    """Whether our latest text spoke of an appointment that they have."""
    return bool(ours) and bool(_patterns().appointment.search(fold(tidy(ours[0]))))


def means_the_appointment(text: str, ours: Sequence[str]) -> bool:
    """A few words that are a doubt alone, and plain beside the appointment we just spoke of."""
    said = " ".join(words_of(fold(tidy(text))))
    return said in _patterns().of_it and is_about_appointment(ours)
