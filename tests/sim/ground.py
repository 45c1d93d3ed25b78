"""The ground that ring two stands on: one database, and in it companies of a few dozen lives.

A company is built once and lived in one life after the other, each with phones of its own; then its
ledger is walked and its words are looked for at rest.

Not here: a life's own house in it (`real`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from lotline.actions.audit import audit_log
from lotline.actions.context import Context
from lotline.actions.devices import open_device
from lotline.adapters.envelope import Envelope
from lotline.adapters.keys import KeyFile
from lotline.store.keys import KeptKeys
from tests.conftest import Database
from tests.sim.auditor import BOOK
from tests.sim.life import begins_at
from tests.sim.mortal import Mortal
from tests.town import Clock, Ids, build_town, no_carrier

AT_REST = (
    "select 'texts' as place, t::text as said from texts t where group_id = %(group)s union all"
    " select 'contacts', c::text from contacts c where group_id = %(group)s union all"
    " select 'arrivals', a::text from arrivals a where group_id = %(group)s union all"
    " select 'events', e::text from events e where group_id = %(group)s union all"
    " select 'consent_entries', e::text from consent_entries e where group_id = %(group)s"
    " union all select 'decisions', d::text from decisions d where group_id = %(group)s"
)
FORGET = (
    "delete from seats where group_id = %s",
    "delete from line_directory where group_id = %s",
)


BUILT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
AREAS = ("614", "614", "513")
PER_FIRM = 25


class Ground:
    """One database for many lives, one after the other, in companies of a few dozen lives."""

    def __init__(self, database: Database, folder: Path) -> None:
        file = folder / "root.key"
        ring = Envelope(KeyFile(file) if file.exists() else KeyFile.create(file))
        self.db = Mortal(database.app, KeptKeys(ring), max_size=8)
        self.db.open()
        self.ring = ring
        self.link = psycopg.connect(database.dsn("superuser"), autocommit=True)
        self.lives = self.contexts = 0
        self.firm: Firm | None = None

    def place(self, seed: int) -> tuple[Firm, Context, Clock, tuple[str, ...]]:
        """The next three phones of a company, at the hour when the life begins."""
        place = self.lives % PER_FIRM
        if place == 0:
            self.check()
            self.firm = Firm(self, self._context(Clock(BUILT)))
        self.lives += 1
        assert self.firm is not None
        clock = Clock(begins_at(seed))
        first = 3 * place
        phones = tuple(f"+1{area}55501{first + n:02d}" for n, area in enumerate(AREAS))
        return self.firm, self._context(clock), clock, phones

    def check(self) -> None:
        """Of the company of the last lives: its ledger, and its words at rest."""
        if self.firm is not None:
            self.firm.check()
            self.firm.close()
            self.firm = None

    def _context(self, clock: Clock) -> Context:
        self.contexts += 1
        ids = Ids(clock, lane=self.contexts)
        return Context(self.db, self.ring, clock, ids, BOOK, no_carrier)

    def ask(self, sql: str, *params: Any, **named: Any) -> list[Any]:
        return self.link.execute(sql.encode(), named or params).fetchall()

    def close(self) -> None:
        self.link.close()
        self.db.close()


class Firm:
    """A company that several lives share, one after the other."""

    def __init__(self, ground: Ground, ctx: Context) -> None:
        self.ground, self.ctx = ground, ctx
        self.town = build_town(ctx, {"policy_required": False})
        self.group = self.town.group_id
        self.words: set[str] = set()
        self.sessions = {"ben": "ben-0", "ada": "ada-0", "cy": "cy-0"}
        self.ended: list[str] = []
        for who, session in self.sessions.items():
            open_device(ctx, self.town.accounts[who], session, label="", address="")

    def check(self) -> None:
        audited = audit_log(self.ctx, self.group)
        assert audited.whole, f"P5: {audited.faults}"
        hidden = [
            one for said in self.words if len(said) > 9 for one in (said, said.encode().hex())
        ]
        for place, said in self.ground.ask(AT_REST, group=self.group):
            clear = [one for one in hidden if one in said]
            assert clear == [], f"P8: in clear in {place}: {clear}"

    def close(self) -> None:
        """The next company must not meet what is left of this one."""
        for sql in FORGET:
            self.ground.link.execute(sql.encode(), [self.group])
