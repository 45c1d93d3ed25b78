"""The demo town made in a test's own database, at whatever hour the test says.

Not here: making it by `prepare`, with accounts and demo.json (`test_prepare`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from lotline.actions.context import Context
from lotline.actions.optin_pages import page_of, write_wording
from lotline.config.demo.building import AGE, Town, build
from lotline.config.demo.content import Content, load_content
from lotline.config.demo.living import Living
from lotline.config.demo.past import Past
from lotline.core.consent.wording import first_wording
from lotline.store.carrier_accounts import CarrierAccount
from tests.conftest import Database
from tests.town import make_context

ACCOUNT = "AC00000000000000000000000000000042"
SETTINGS = {"demo": True, "zone": "America/Chicago", "policy_required": True}


@dataclass
class Made:
    """A town and the ways to look at it."""

    database: Database
    ctx: Context
    town: Town
    now: datetime

    @property
    def content(self) -> Content:
        return self.town.content

    def ask(self, sql: str, *params: Any) -> list[Any]:
        """Anything, past row-level security."""
        with psycopg.connect(self.database.dsn("superuser")) as link:
            return link.execute(sql.encode(), params).fetchall()

    def written(self) -> Counter[str]:
        """How many lines of each kind town.toml has."""
        return Counter(moment.kind for person in self.content.people for moment in person.log)


def make_town(database: Database, folder: Path, now: datetime) -> Made:
    """As `seeding` does it, but for the accounts."""
    ctx = replace(make_context(database.app, folder), now=lambda: now)
    content = load_content(now)
    past = Past(ctx, start=now - AGE, account=ACCOUNT)
    accounts: dict[str, UUID] = {one["key"]: uuid4() for one in content.members}
    town = Town(past, content, accounts)
    carrier = CarrierAccount("twilio", ACCOUNT, "http://127.0.0.1:1", {"auth_tokens": ["t0ken"]})
    with past.db.begun():
        build(town, settings=dict(SETTINGS), carrier=carrier)
        write_wording(past.ctx, town.owner, first_wording(town.owner.company))
        for line_id in town.lines.values():
            page_of(past.ctx, town.owner, line_id)
        Living(town, photo_url="http://127.0.0.1:1/photo.png").live()
    return Made(database, ctx, town, now)
