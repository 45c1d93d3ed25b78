"""A policy ready to adopt: whole, in plain words, to be edited by the owner and read by counsel.

It is a start, never in force by itself: a version counts once an owner adopted it.

Not here: the versions a company adopted (`store.members`), who signed (`policy.entitlement`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib import resources

_TITLE_MAX = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a policy: its title, when it has one, and its words."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """A part that a new version added, took out, or wrote anew."""

    kind: str  # added | removed | changed
    before: Part | None
    after: Part | None


@cache
def ready_policy() -> str:
    """The words as they are shipped."""
    file = resources.files("lotline.core.policy").joinpath("policy.md")
    return file.read_text(encoding="utf-8").strip()


def parts_of(body: str) -> list[Part]:
    """Parts are divided by an empty line; a short first line with more below it is a title."""
    found = []
    for part in body.replace("\r\n", "\n").split("\n\n"):
        first, _, rest = part.strip().partition("\n")
        if rest and len(first) <= _TITLE_MAX:
            found.append(Part(first, rest))
        elif part.strip():
            found.append(Part("", part.strip()))
    return found


def changes_between(before: str, after: str) -> list[Change]:
    """What a reader of the old version must read anew, in the order of the new one."""
    old, new = parts_of(before), parts_of(after)
    return list(_walk(old, new))


def _walk(old: list[Part], new: list[Part]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            continue
        gone, come = list(old[a:b]), list(new[c:d])
        for part in come:
            pair = next((one for one in gone if one.title and one.title == part.title), None)
            if pair is not None:
                gone.remove(pair)
            yield Change("changed" if pair else "added", pair, part)
        for part in gone:
            yield Change("removed", part, None)
