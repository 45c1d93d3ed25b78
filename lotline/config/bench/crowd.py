"""Five hundred people in one company: stores, lines, who works where, and two who will read.

Made by the acts that make them. One text is really sent to the gate, so that a past has a decision
to repeat.

Not here: what they said in the past (`past`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from lotline.actions.devices import open_device
from lotline.actions.founding import add_line, add_store
from lotline.actions.members import NewMember, Where, add_member
from lotline.actions.submit import submit
from lotline.config.bench.making import Company
from lotline.config.bench.town import customer_numbers
from lotline.store.lines import NewLine
from lotline.store.viewer import load_viewer

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.config.bench.town import Town
    from lotline.store.shown import Viewer

MEMBERS, STORES, LINES_EACH = 500, 10, 5
NUMBERS = 30_000
_DECISION = (
    b"select stage, verdict, binding_rule, findings, without_offer, facts, rulebook, hold_until"
    b" from decisions limit 1"
)


@dataclass
class Crowd:
    """Who reads: `accounts` sign in as the owner's peer and as somebody of one store."""

    company: Company
    accounts: dict[str, UUID]


def gather(ctx: Context, town: Town, owner_dsn: str, say: Callable[[str], object]) -> Crowd:
    """Everybody who works here."""
    owner = town.viewer
    lines, staff = [], {}
    for n in range(STORES):
        store = add_store(ctx, owner, name=f"Store {n}", zone="America/New_York")
        staff[store] = list[UUID]()
        for m in range(LINES_EACH):
            number = f"+1{'614' if n < LINES_EACH else '513'}5550{100 + n % LINES_EACH * 10 + m}"
            new = NewLine(ctx.new_id(), store, f"Line {n}.{m}", number, town.account)
            lines.append((add_line(ctx, owner, new), store))
    accounts = {"owner": ctx.new_id(), "staff": ctx.new_id()}
    stores = list(staff)
    add_member(ctx, owner, NewMember("Olive Reader", "owner", account_id=accounts["owner"]))
    for n in range(MEMBERS - 2):
        store = stores[n % STORES]
        role = "manager" if n < STORES else "staff"
        seat = accounts["staff"] if n == STORES else None
        someone = NewMember(f"Member {n}", role, Where(frozenset({store})), seat)
        staff[store].append(add_member(ctx, owner, someone))
    say(f"{MEMBERS} members on {len(lines)} lines")
    decision = one_decision(ctx, town.viewer, owner_dsn)
    numbers = customer_numbers(NUMBERS)[1:]
    company = Company(town.group_id, town.account, lines, staff, numbers, decision)
    return Crowd(company, accounts)


def one_decision(ctx: Context, viewer: Viewer, owner_dsn: str) -> dict[str, Any]:
    """Of a text that is really decided, as its columns."""
    group = str(viewer.group_id)
    with psycopg.connect(owner_dsn) as link:
        link.execute("select set_config('lotline.group_id', %s, false)", [group])
        talk = link.execute("select id from conversations limit 1").fetchone()
        assert talk is not None, "the company has a customer"
        submit(ctx, viewer, talk[0], "See you tomorrow.", client_id=ctx.new_id())
        link.commit()
        link.execute("select set_config('lotline.group_id', %s, false)", [group])
        cursor = link.execute(_DECISION)
        row = cursor.fetchone()
    assert row is not None, "a text that was submitted has its decision"
    assert cursor.description is not None, "it was a question"
    return {
        column.name: Jsonb(value) if isinstance(value, dict | list) else value
        for column, value in zip(cursor.description, row, strict=True)
    }


def sign_in(ctx: Context, env: dict[str, str], account: UUID) -> tuple[Viewer, str]:
    """Who looks, and the session key that their browser holds."""
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "lotline.config.bench.signing", str(account)],
        check=True,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    key = done.stdout.split()[-1]
    open_device(ctx, account, key, label="Bench", address="192.0.2.17")
    viewer = load_viewer(ctx.db, account, key, ctx.now())
    assert viewer is not None, "who was just signed in is somebody"
    return viewer, key
