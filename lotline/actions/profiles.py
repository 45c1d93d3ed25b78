"""Choosing a profile of the rulebook, and setting a point of it: the owner's acts, in the ledger.

Stricter is free. Looser than careful wants a reason, a name of counsel and the day of their word,
and is taken only for what is contested. A choice counts from the next decision on; what was decided
before keeps the digest of the book it was decided under.

Not here: what a choice does (`core.gate.rulebook.profile`), the rules themselves (`core.gate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.actions.allowed import must, must_be_here
from lotline.actions.errors import Refused
from lotline.core.gate.rulebook.profile import (
    CAREFUL,
    NotContested,
    Profile,
    Setting,
    Settings,
    effective,
    loosened,
    newly_looser,
    point_of,
    settings_of,
)
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.events import record_event
from lotline.store.profiles import (
    Chosen,
    Word,
    find_newest,
    load_all_chosen,
    load_chosen,
    lock_profile,
    record_chosen,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.core.gate.rulebook import Rulebook
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LONGEST_WORD = 2_000
_SHORTEST_REASON = 10

__all__ = [
    "ProfileShown",
    "Word",
    "book_of",
    "choose_profile",
    "load_profile",
    "past_books",
    "set_point",
]


@dataclass(frozen=True, slots=True)
class ProfileShown:
    """What is in force, and how it came to be: every choice, the newest first."""

    settings: Settings
    book: Rulebook
    looser: tuple[Setting, ...]  # the points that are read looser than careful
    chosen: tuple[Chosen, ...]
    may_change: bool


def book_of(ctx: Context, tx: Tx) -> Rulebook:
    """The rulebook as this house reads it now. Every decision is made by it."""
    newest = find_newest(tx)
    if newest is None:
        return ctx.book
    key = (ctx.book.digest, newest)
    book = ctx.books.get(key)
    if book is None:
        book = ctx.books[key] = effective(ctx.book, load_chosen(tx, newest).settings)
    return book


def past_books(ctx: Context, tx: Tx) -> dict[str, Rulebook]:
    """Every reading of today's rulebook that this house ever had, by its digest."""
    books = {ctx.book.digest: ctx.book}
    for one in load_all_chosen(tx):
        book = effective(ctx.book, one.settings)
        books[book.digest] = book
    return books


def load_profile(ctx: Context, viewer: Viewer) -> ProfileShown:
    """For anybody here: whoever sends may know what the house is bound to."""
    must_be_here(viewer)
    with ctx.db.transaction(viewer.group_id) as tx:
        chosen = tuple(load_all_chosen(tx))
        settings = chosen[0].settings if chosen else CAREFUL
        book = book_of(ctx, tx)
    may = may_change_rules(viewer.role)
    return ProfileShown(settings, book, loosened(ctx.book, settings), chosen, may)


def choose_profile(
    ctx: Context, viewer: Viewer, profile: Profile | str, word: Word | None = None
) -> Settings:
    """Start from a profile. Points set stricter stay; what gets looser wants counsel's word."""
    try:
        wanted = Profile(profile)
    except ValueError:
        raise Refused("There is no such profile.") from None

    def change(now: Settings, act: UUID, on: date, by: UUID) -> Settings:
        return settings_of(ctx.book, wanted, now, act=act, on=on, by=by)

    return _choose(ctx, viewer, change, word)


def set_point(
    ctx: Context, viewer: Viewer, rule: str, choice: str, word: Word | None = None
) -> Settings:
    """Set one point: stricter or careful without more, looser only with counsel's word."""

    def change(now: Settings, act: UUID, on: date, by: UUID) -> Settings:
        try:
            point = point_of(ctx.book, rule, choice)
        except NotContested as refused:
            raise Refused(str(refused)) from refused
        if now.chosen(point) == choice:
            return now
        profile = Profile.COUNSEL_SET if point.looser(choice) else now.profile
        return Settings(profile, now.points).with_point(Setting(rule, choice, act, on, by))

    return _choose(ctx, viewer, change, word)


def _choose(
    ctx: Context,
    viewer: Viewer,
    change: Callable[[Settings, UUID, date, UUID], Settings],
    word: Word | None,
) -> Settings:
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        lock_profile(tx)
        at = ctx.now()
        newest = find_newest(tx)
        before = CAREFUL if newest is None else load_chosen(tx, newest).settings
        act = ctx.new_id()
        after = change(before, act, at.date(), viewer.member_id)
        if after == before:
            return before
        looser = newly_looser(ctx.book, before, after)
        kept = _word(word, at.date()) if looser else None
        book = effective(ctx.book, after)
        record_chosen(tx, act, after, book=book.digest, by=viewer.member_id, word=kept, at=at)
        detail = {
            "profile": after.profile.value,
            "book": book.digest,
            "changed": {one.point: one.choice for one in after.points if one not in before.points},
            "looser": [point.id for point in looser],
        }
        if kept is not None:
            # The words themselves are sealed beside; this shows later that they are the same.
            said = f"{kept.reason}\n{kept.counsel}\n{kept.on.isoformat()}"
            detail |= {"on": kept.on.isoformat(), "word": tx.keys.blind("counsel", said).hex()}
        record_act(
            tx,
            ctx.new_id(),
            "rules_loosened" if looser else "rules_set",
            actor_id=viewer.member_id,
            about_id=None,
            at=at,
            detail={**detail, "setting": str(act)},
        )
        record_event(tx, "rules", at=at)
        return after


def _word(word: Word | None, today: date) -> Word:
    """Counsel's word, whole, or what is missing in a sentence."""
    if word is None:
        raise Refused(
            "This is looser than the careful reading. It needs a reason and a name of counsel."
        )
    reason, counsel = word.reason.strip(), " ".join(word.counsel.split())
    if len(reason) < _SHORTEST_REASON or len(reason) > LONGEST_WORD:
        raise Refused("Write the reason in a sentence.")
    if not counsel or len(counsel) > LONGEST_WORD:
        raise Refused("Name the counsel who said so.")
    if word.on > today + timedelta(days=1):
        raise Refused("Counsel's word can't be of a day to come.")
    return Word(reason, counsel, word.on)
