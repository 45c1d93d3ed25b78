"""The course: what a member learns before the first text, and the questions they are asked.

The cards and the pool are data (`course.toml`). A quiz is drawn by lot from the pool, and prefers
what was not asked the time before; the same lot draws the same quiz.

Not here: who passed (`store.training`), what the gate answers in a card's composer (the gate).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

ASKED = 8
REFRESHED = 3
PASS_MARK = 7
LASTS = timedelta(days=365)
NOTICE = timedelta(days=14)  # so long before it ends a member is told


@dataclass(frozen=True, slots=True)
class Scene:
    """What a card's composer stands in: an invented customer at an invented moment."""

    state: str
    local: str  # the customer's wall clock, ISO without a zone
    consent: str  # offers | replies | none | stopped | wrong_number
    wrote_minutes_ago: int | None = None
    they_wrote: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One lesson, and the composer at its end. `wanted` is the verdict it is there to show."""

    id: str
    title: str
    says: tuple[str, ...]  # paragraphs
    scene: str
    task: str
    example: str
    wanted: str
    given: Scene


@dataclass(frozen=True, slots=True)
class Question:
    """One of the pool. Either a rule of the rulebook or our own sentence says why."""

    id: str
    asks: str
    choices: tuple[str, ...]
    right: int
    rule: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """A version of the training."""

    version: str
    minutes: int
    cards: tuple[Card, ...]
    pool: tuple[Question, ...]

    def card(self, card_id: str) -> Card | None:
        return next((one for one in self.cards if one.id == card_id), None)

    def question(self, question_id: str) -> Question | None:
        return next((one for one in self.pool if one.id == question_id), None)


@cache
def load_course() -> Course:
    """The course as it is shipped."""
    file = resources.files("lotline.core.policy").joinpath("course.toml")
    plain = tomllib.loads(file.read_text(encoding="utf-8"))
    return Course(
        version=plain["version"],
        minutes=plain["minutes"],
        cards=tuple(_card(one) for one in plain["card"]),
        pool=tuple(_question(one) for one in plain["question"]),
    )


def draw(course: Course, lot: bytes, before: Collection[str] = ()) -> tuple[str, ...]:
    """The ids of a quiz's questions, in the order in which they are asked."""

    def place(one: Question) -> tuple[bool, bytes]:
        return one.id in before, sha256(lot + one.id.encode()).digest()

    return tuple(one.id for one in sorted(course.pool, key=place)[:ASKED])


def refresh(course: Course, lot: bytes, before: Collection[str] = ()) -> tuple[str, ...]:
    """The few that come with a coach's note."""
    return draw(course, lot, before)[:REFRESHED]


def shuffled(question: Question, lot: bytes) -> tuple[int, ...]:
    """The order in which its choices are shown, so that no place is always the right one."""

    def place(n: int) -> bytes:
        return sha256(lot + question.id.encode() + bytes([n])).digest()

    return tuple(sorted(range(len(question.choices)), key=place))


def _card(plain: dict[str, Any]) -> Card:
    return Card(
        id=plain["id"],
        title=plain["title"],
        says=tuple(line for line in plain["says"].strip().splitlines() if line),
        scene=plain["scene"],
        task=plain["task"],
        example=plain["try"],
        wanted=plain["wanted"],
        given=Scene(**plain["given"]),
    )


def _question(plain: dict[str, Any]) -> Question:
    return Question(**{**plain, "choices": tuple(plain["choices"])})
