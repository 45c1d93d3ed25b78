"""Profile: the rulebook as one house reads it: the careful one, with what the house chose.

Invariant: a choice looser than careful is only ever taken with an owner, a day and a name of
counsel, and only where the rule is contested; a stricter one is free. The rulebook that results
has its own digest, made from the rulebook's and from every choice, so that a decision can be made
again under the very choices it was made under. Nothing chosen: the rulebook itself.

Not here: who may choose, and the ledger's entry (`actions.profiles`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from lotline.core.gate.rulebook import Rulebook
from lotline.core.gate.rules.book import Hours, Loosened, Span, Window
from lotline.core.gate.rules.points import Point


class Profile(StrEnum):
    """Where a house starts; each point may then be set by itself."""

    CAREFUL = "careful"
    STANDARD = "standard"
    COUNSEL_SET = "counsel_set"


@dataclass(frozen=True, slots=True)
class Setting:
    """One point as the house set it. `id` is the act that set it, whose ledger entry says why."""

    point: str
    choice: str
    id: UUID
    on: date
    by: UUID


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a house chose, by point. Equal settings over equal rulebooks are one book."""

    profile: Profile = Profile.CAREFUL
    points: tuple[Setting, ...] = ()

    def with_point(self, setting: Setting) -> Settings:
        """The same with one point set anew."""
        rest = [one for one in self.points if one.point != setting.point]
        return replace(self, points=tuple(sorted([*rest, setting], key=lambda one: one.point)))

    def chosen(self, point: Point) -> str:
        """The choice in force for a point."""
        for one in self.points:
            if one.point == point.id:
                return one.choice
        return point.careful


CAREFUL = Settings()


class NotContested(ValueError):
    """Nobody disputes this rule, so no counsel's word can loosen it."""


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """Plain values, to keep for ever."""
    plain: dict[str, Any] = msgspec.to_builtins(settings, order="deterministic")
    return plain


def settings_from_json(plain: dict[str, Any]) -> Settings:
    """The settings exactly as they were."""
    return msgspec.convert(plain, Settings)


def point_of(book: Rulebook, rule: str, choice: str) -> Point:
    """The point, when it has such a choice; otherwise why not, in a sentence for an owner."""
    point = book.points.get(rule)
    if point is None:
        if rule in book.rules:
            title = book.rules[rule].title
            raise NotContested(f"{title}: nobody disputes this, so it can't be set otherwise.")
        raise NotContested("There is no such rule.")
    if all(one.name != choice for one in point.choices):
        raise NotContested(f"{point.title}: there is no such choice, and none looser than these.")
    return point


def settings_of(
    book: Rulebook, profile: Profile, now: Settings, *, act: UUID, on: date, by: UUID
) -> Settings:
    """What a house has once it starts from a profile: stricter points it set stay as they are."""
    kept = [
        one
        for one in now.points
        if one.point in book.points and not book.points[one.point].looser(one.choice)
    ]
    if profile is Profile.COUNSEL_SET:
        return Settings(profile, now.points)
    held = {one.point for one in kept}
    if profile is Profile.STANDARD:
        kept += [
            Setting(point.id, point.standard, act, on, by)
            for point in book.points.values()
            if point.standard != point.careful and point.id not in held
        ]
    return Settings(profile, tuple(sorted(kept, key=lambda one: one.point)))


def loosened(book: Rulebook, settings: Settings) -> tuple[Setting, ...]:
    """The points that are set looser than the careful reading."""
    return tuple(
        one
        for one in settings.points
        if one.point in book.points and book.points[one.point].looser(one.choice)
    )


def newly_looser(book: Rulebook, before: Settings, after: Settings) -> tuple[Point, ...]:
    """The points that become looser than they were, and looser than careful."""
    return tuple(
        book.points[one.point]
        for one in loosened(book, after)
        if book.points[one.point].looser(one.choice, before.chosen(book.points[one.point]))
    )


def effective(book: Rulebook, settings: Settings) -> Rulebook:
    """The rulebook as this house reads it. Points that the rulebook no longer has say nothing."""
    set_here = tuple(
        one
        for one in settings.points
        if one.point in book.points and one.choice != book.points[one.point].careful
    )
    if not set_here:
        return book
    loose = loosened(book, Settings(settings.profile, set_here))
    made = _with(book, set_here)
    if not loose:
        return made
    strict = tuple(one for one in set_here if one not in loose)
    made.careful = _with(book, strict)
    made.loosened = tuple(
        Loosened(
            point=one.point,
            choice=one.choice,
            on=one.on,
            by=one.by,
            setting=one.id,
            without=_with(book, tuple(other for other in set_here if other is not one)),
        )
        for one in loose
    )
    return made


def _with(book: Rulebook, settings: tuple[Setting, ...]) -> Rulebook:
    law = {section: dict(keys) for section, keys in book.law.items()}
    hours = dict(book.hours)
    # Hours first: an open Sunday keeps Saturday's hours, whichever those then are.
    for one in sorted(settings, key=lambda one: not one.point.endswith("-HOURS")):
        choice = book.points[one.point].choice(one.choice)
        for section, key, value in choice.law:
            law[section][key] = value
        if choice.state:
            code = one.point.partition("-")[0]
            hours[code] = _eased(hours[code], choice.state, book.floor)
    made = book.copy(_digest(book, settings) if settings else book.digest, law, hours)
    if law["hours"]["open_with_yes"]:
        own = {code: one for code, one in hours.items() if one.own}
        made.open_night = book.copy(made.digest, law, own)
        made.open_night.floor = ((0, _DAY), (0, _DAY), (0, _DAY))
    return made


_DAY = 86_400


def _digest(book: Rulebook, settings: Iterable[Setting]) -> str:
    plain = {"rulebook": book.digest, "points": msgspec.to_builtins(tuple(settings))}
    written = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _eased(hours: Hours, how: str, floor: tuple[Span, Span, Span]) -> Hours:
    windows = tuple(_ease(window, how, floor) for window in hours.windows)
    return replace(hours, own=hours.own and how != "federal", windows=windows)


def _ease(window: Window, how: str, floor: tuple[Span, Span, Span]) -> Window:
    weekday, saturday, sunday = window.days
    if how == "holidays":
        return replace(window, holidays="")
    if how == "sundays":
        return replace(window, days=(weekday, saturday, sunday or saturday))
    # The Sunday is a point of its own, and stays as it is.
    return replace(window, days=(floor[0], floor[1], sunday and floor[2]), daylight=None)
