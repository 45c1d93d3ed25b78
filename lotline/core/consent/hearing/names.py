"""Whether a text says that its writer is somebody else: "not Mike", "I'm not Tony".

A name is known only by its capital, so this looks at the text as it was typed.

Not here: wrong numbers said without a name (`phrases.toml`, `words.toml`).
"""

from __future__ import annotations

import re
from functools import cache

from lotline.core.consent.hearing.lexicon import load_words

_NAME = r"(?:Mrs?\.? |Ms\.? |Dr\.? |Miss )?(?-i:[A-ZÁÉÍÓÚÑ][a-záéíóúñ'’]+(?: [A-Z][a-z]+)?)"
_END = r"\s*(?:[.!?,;]|$|\s(?:and|stop|remove|please|anymore|pls|quit|lol|sorry)\b)"
_PATTERNS = re.compile(
    rf"^\W*(?:(?:no|nope|sorry|hi|hello|um)[,. ]+)*(?:"
    rf"not (?P<a>{_NAME}){_END}"
    rf"|this (?:isn['’]?t|is not|ain['’]?t) (?P<b>{_NAME})(?:['’]s)?"
    rf"(?: (?:phone|number|cell))?(?:{_END}|\s)"
    rf"|(?:ain['’]?t|there(?:['’]?s| is)?) no (?P<c>{_NAME}) (?:here|at this|on this)"
    rf"|no (?P<d>{_NAME}) (?:here|at this|on this)"
    rf"|wrong (?P<e>{_NAME}){_END}"
    rf"|ce n['’]est pas (?P<f>{_NAME}){_END}"
    rf"|aqu[ií] no (?:vive|hay) (?:ning[uú]na? )?(?P<g>{_NAME}))"
    rf"|\bmy name is \w+,? not (?P<o>{_NAME}){_END}"
    rf"|\bi(?:['’]?m| am) not (?P<h>{_NAME}){_END}"
    rf"|\bmy name (?:isn['’]?t|is not|ain['’]?t) (?P<i>{_NAME})"
    rf"|\bno soy (?P<j>{_NAME}){_END}|\bje ne suis pas (?P<k>{_NAME}){_END}"
    rf"|\bknow (?:anyone|anybody|any|a) (?:named |called |by the name )?(?P<l>{_NAME})"
    rf"|^\W*i (?:don['’]?t|do not|never) (?:have|had|own|owned) an? (?P<n>(?-i:[A-Z])\w+)[.!]*$"
    rf"|(?P<m>{_NAME}) (?:doesn['’]?t|does not) (?:have|use|own) this (?:number|phone)",
    re.IGNORECASE,
)
# One of these is in all of them; what capitals are to letters beyond ASCII is not asked.
_HINTS = re.compile(r"no|n'?t|wrong|n'?est|never|suis pas", re.IGNORECASE)
# Not the one we name, but somebody who speaks for them.
_SPEAKS_FOR = re.compile(
    r"\bthis is (?:his|her|their) "
    r"(?:wife|husband|son|daughter|brother|sister|mom|mother|dad|father)"
    r"(?!['’]?s (?:phone|number|cell))",
    re.IGNORECASE,
)


@cache
def _not_names() -> frozenset[str]:
    return frozenset(load_words()["not_names"]["words"])


@cache
def _makes() -> frozenset[str]:
    return frozenset(load_words()["makes"]["words"])


def says_other_person(clean: str) -> bool:
    """Whether the writer says that they are not the one we name."""
    if clean.isascii() and not _HINTS.search(clean):
        return False
    found = _PATTERNS.search(clean)
    if found is None or _SPEAKS_FOR.search(clean):
        return False
    name = next(group for group in found.groupdict().values() if group)
    if found["n"]:
        return found["n"].casefold() in _makes()
    return name.split()[-1].strip("'’.").casefold() not in _not_names()
