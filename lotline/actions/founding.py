"""A company begins here: its row and its owner, then its stores, its lines, its carrier.

The first owner is the only member whom no member added. Everything after is an owner's act, and
each is a leaf of the ledger.

Not here: accounts and passwords (`web.first_run`, `config.demo`), further members (`members`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import available_timezones

from lotline.actions.allowed import must
from lotline.actions.errors import Refused
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.people.roles import Role, may_change_rules, may_manage_lines
from lotline.store.access import record_act
from lotline.store.buckets import meter_lines
from lotline.store.carrier_accounts import CarrierAccount, record_carrier_account
from lotline.store.events import record_event
from lotline.store.groups import record_group, record_settings
from lotline.store.lines import NewLine, load_lines, record_line, record_store
from lotline.store.members import record_member

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

LONGEST_NAME = 120
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Founding:
    """A company and the person who owns it, as they were told to us."""

    company: str
    origin: str  # names its log to the world: a host of its own
    owner: str
    account_id: UUID = _NOBODY  # whose seat it will be
    hue: int = 200
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Founded:
    """What it is known by from now on."""

    group_id: UUID
    member_id: UUID


def found_company(ctx: Context, founding: Founding) -> Founded:
    """A new company with fresh keys, and its owner in their seat."""
    company, owner = _name(founding.company, "company"), _name(founding.owner, "owner")
    group_id, member_id, at = ctx.new_id(), ctx.new_id(), ctx.now()
    with ctx.db.transaction(group_id) as tx:
        record_group(
            tx,
            ctx.ring,
            name=company,
            origin=founding.origin,
            at=at,
            settings=founding.settings,
        )
        record_member(tx, member_id, owner, Role.OWNER.value, at=at, hue=founding.hue)
        tx.run("accounts.seat", account_id=founding.account_id, member_id=member_id)
        record_act(
            tx, ctx.new_id(), "company_founded", actor_id=member_id, about_id=member_id, at=at
        )
    return Founded(group_id, member_id)


def add_store(
    ctx: Context,
    viewer: Viewer,
    *,
    name: str,
    zone: str,
    place: str = "",
    open_hours: dict[str, Any] | None = None,
) -> UUID:
    """A rooftop, and the clock it lives by."""
    must(viewer, may_manage_lines)
    words = _name(name, "store")
    if zone not in available_timezones():
        raise Refused("Choose a time zone.")
    with ctx.db.transaction(viewer.group_id) as tx:
        store_id, at = ctx.new_id(), ctx.now()
        record_store(tx, store_id, words, zone=zone, at=at, place=place, open_hours=open_hours)
        record_act(
            tx, ctx.new_id(), "store_added", actor_id=viewer.member_id, about_id=store_id, at=at
        )
        record_event(tx, "line", at=at, store_id=store_id)
    return store_id


def add_line(ctx: Context, viewer: Viewer, line: NewLine) -> UUID:
    """A number of ours, and the door by which its webhooks find this company."""
    must(viewer, may_manage_lines)
    label = _name(line.label, "line")
    try:
        number = parse_number(line.number).e164
    except BadNumber as error:
        raise Refused(str(error)) from error
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        if any(one.number == number for one in load_lines(tx, viewer, at)):
            raise Refused("That number is a line of yours already.")
        record_line(tx, ctx.ring, replace(line, label=label, number=number), at)
        meter_lines(tx, at)
        record_act(
            tx, ctx.new_id(), "line_added", actor_id=viewer.member_id, about_id=line.id, at=at
        )
        record_event(tx, "line", at=at, store_id=line.store_id, line_id=line.id)
    return line.id


def connect_carrier(ctx: Context, viewer: Viewer, account: CarrierAccount) -> None:
    """The account by which our numbers send, and the secrets that prove who calls."""
    must(viewer, may_manage_lines)
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        record_carrier_account(tx, account, at)
        record_act(
            tx,
            ctx.new_id(),
            "carrier_connected",
            actor_id=viewer.member_id,
            about_id=None,
            at=at,
            detail={"carrier": account.carrier, "account": account.account},
        )


def settle(ctx: Context, viewer: Viewer, **choices: Any) -> None:
    """What the owner chose for the whole company; what is not named stays."""
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        record_settings(tx, choices)
        record_act(
            tx,
            ctx.new_id(),
            "settings",
            actor_id=viewer.member_id,
            about_id=None,
            at=at,
            detail={"changed": sorted(choices)},
        )


def _name(typed: str, what: str) -> str:
    words = " ".join(typed.split())
    if not words or len(words) > LONGEST_NAME:
        raise Refused(f"Enter the {what}'s name.")
    return words
