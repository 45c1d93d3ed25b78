"""The company that is measured: one store, its lines, and customers who wrote before.

It is founded by the same acts as any other. Customers have numbers that are nobody's, spread over
the country's area codes, and one yes each, as people have who texted START.

Not here: a town with a long past (`past`).
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.devices import open_device
from lotline.actions.entries import take_entries
from lotline.actions.founding import (
    Founding,
    add_line,
    add_store,
    connect_carrier,
    found_company,
)
from lotline.core.base.atlas import load_area_codes
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.store.arrivals import open_threads
from lotline.store.carrier_accounts import CarrierAccount
from lotline.store.ledger import Leaves
from lotline.store.lines import NewLine
from lotline.store.standing import EntryRow, find_by_numbers, lock_contacts, record_contacts
from lotline.store.viewer import load_viewer

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

LINES = 20
_OURS = "816"
CUSTOMERS = 20_000  # who write: as many as wrote to the prototype that the goals come from
AT_ONCE = 250
_SUBSCRIBERS = range(100, 200)  # 555-0100 to 555-0199 belong to nobody

SENTENCES = (
    "Hello, is the {color} {car} still there? I could come by {day} around {hour}.",
    "Do you have the {car} in {color}? Thanks!",
    "Yes please, see you at {hour}",
    "What would the payment be with {n} hundred down on the {car}?",
    "My appointment is {day} at {hour}, can we move it to the afternoon?",
    "Great, thank you so much for the help {day}!",
    "How much for an oil change on a {year} {car}?",
    "I am running {n} minutes late, sorry",
    "Can you send me a picture of the inside? The {color} one.",
    "ok sounds good",
    "Is my {car} ready for pickup {day}? Order {n}{n}.",
    "We talked {day} about the {car}, my wife wants to know about the warranty",
    "Does the {year} {car} have heated seats?",
    "👍 see you {day}",
)
STOPS = ("STOP", "Stop", "stop texting me please", "unsubscribe", "Remove me from your list")
_WORDS = {
    "color": ("blue", "white", "silver", "dark green", "red", "grey"),
    "car": ("truck", "hatchback", "minivan", "sedan", "wagon", "pickup"),
    "day": ("today", "tomorrow", "on Monday", "on Thursday", "this weekend", "next week"),
    "hour": ("9", "10:30", "noon", "2 pm", "half past four", "5"),
    "year": ("2015", "2018", "2019", "2021", "2023"),
}


@dataclass
class Town:
    """What was founded."""

    group_id: UUID
    account: str
    token: str
    viewer: Viewer
    line_ids: list[UUID]
    lines: list[str]
    customers: list[str]


def customer_numbers(count: int) -> list[str]:
    """So many numbers that belong to nobody."""
    codes = sorted(set(load_area_codes().state) - {_OURS})
    numbers = [f"+1{code}555{last:04d}" for last in _SUBSCRIBERS for code in codes]
    assert count <= len(numbers), f"there are {len(numbers)} numbers that are nobody's"
    return numbers[:count]


def words(dice: random.Random, *, stops: float = 0.0) -> str:
    """What a customer writes, one time in `stops` a stop."""
    if stops and dice.random() < stops:
        return dice.choice(STOPS)
    drawn = {name: dice.choice(several) for name, several in _WORDS.items()}
    return dice.choice(SENTENCES).format(n=dice.randrange(1, 40), **drawn)


def found_town(ctx: Context, *, carrier_url: str, customers: int, lines: int = LINES) -> Town:
    """The company, and everybody it knows."""
    account_id, session = ctx.new_id(), secrets.token_urlsafe(24)
    founded = found_company(
        ctx,
        Founding(
            company="Measured Motors",
            origin="measured.example",
            owner="Ada Quist",
            account_id=account_id,
            settings={"policy_required": False, "training_required": False},
        ),
    )
    open_device(ctx, account_id, session, label="Bench", address="192.0.2.17")
    viewer = _look(ctx, account_id, session)
    carrier = CarrierAccount(
        carrier="twilio",
        account=f"AC{secrets.token_hex(16)}",
        base_url=carrier_url,
        secrets={"auth_tokens": [secrets.token_hex(16)]},
    )
    connect_carrier(ctx, viewer, carrier)
    store_id = add_store(ctx, viewer, name="Measured Motors", zone="America/Chicago")
    numbers = [f"+1{_OURS}5550{100 + n}" for n in range(lines)]
    line_ids = [
        add_line(ctx, viewer, NewLine(ctx.new_id(), store_id, f"Line {n}", number, carrier.account))
        for n, number in enumerate(numbers)
    ]
    town = Town(
        group_id=founded.group_id,
        account=carrier.account,
        token=carrier.secrets["auth_tokens"][0],
        viewer=_look(ctx, account_id, session),
        line_ids=line_ids,
        lines=numbers,
        customers=customer_numbers(customers),
    )
    for at in range(0, customers, AT_ONCE):
        _meet(ctx, town, at, town.customers[at : at + AT_ONCE])
    return town


def line_of(town: Town, customer: int) -> int:
    """Each customer texts with one line."""
    return customer % len(town.lines)


def _meet(ctx: Context, town: Town, first: int, numbers: list[str]) -> None:
    now = ctx.now()
    with ctx.db.transaction(town.group_id) as tx:
        record_contacts(tx, numbers, ctx.new_id, now)
        known = find_by_numbers(tx, numbers)
        contacts = lock_contacts(tx, (one.id for one in known.values()))
        pairs = [
            (known[number].id, town.line_ids[line_of(town, first + n)])
            for n, number in enumerate(numbers)
        ]
        open_threads(tx, pairs, ctx.new_id, now)
        leaves = Leaves(tx)
        rows = [
            EntryRow(
                contact_id=contact_id,
                entry=Entry(
                    id=ctx.new_id(),
                    says=Says.YES,
                    scope=Scope.ALL,
                    said_at=now,
                    heard_at=now,
                    source=Source.TEXT,
                    kind=Kind.EXPRESS,
                    how=How.KEYWORD,
                ),
                words={"words": "START"},
            )
            for contact_id, _ in pairs
        ]
        take_entries(ctx, tx, contacts, rows, leaves=leaves, now=now)
        leaves.write()


def _look(ctx: Context, account_id: UUID, session: str) -> Viewer:
    found = load_viewer(ctx.db, account_id, session, ctx.now())
    assert found is not None, "who just founded a company is somebody"
    return found
