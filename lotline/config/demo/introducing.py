"""Introducing: the simulated carrier is told of our account, our numbers and the town's people.

The simulator is a stranger who is spoken to over HTTP, and may start later than we do: it is
asked again until it answers. Whatever it knows already is said again without harm.

Not here: making the town (`seeding`), texting (that is the carrier's adapter).
"""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from lotline.config.demo.content import load_content
from lotline.config.wiring import build_context
from lotline.store.carrier_accounts import (
    CarrierAccount,
    load_carrier_accounts,
    load_numbers,
    record_carrier_account,
)
from lotline.store.groups import load_group, load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.config.settings import Settings

TRIES_FOR_S = 60.0
PAUSE_S = 0.5
TIMEOUT_S = 1.0
# Gently: now and then somebody writes, and an answer takes its time.
LIFE = {"on": True, "soonest_s": 4.0, "latest_s": 30.0, "opener_every_s": 150.0}

Form = tuple[str, Any]


class Introducer:
    """Tells a running simulator whatever it was not told since this process began."""

    def __init__(self, ctx: Context, settings: Settings) -> None:
        self._ctx = ctx
        self._settings = settings
        self._told: set[str] = set()

    def step(self) -> bool:
        """Never anything that another step would have to wait for."""
        for path, said in self._news():
            if not _post(self._settings.simulator_url, path, said):
                return False
            self._told.add(_key(path, said))
        return False

    def done(self) -> bool:
        """Whether there is nothing left to say."""
        return not self._news()

    def _news(self) -> list[Form]:
        forms = [
            form
            for group_id in load_group_ids(self._ctx.db)
            for form in _forms(self._ctx, self._settings, group_id)
        ]
        return [form for form in forms if _key(*form) not in self._told]


def introduce(settings: Settings) -> bool:
    """Tell the simulator who we are, waiting for it for a while; True when it was told."""
    if not settings.simulator_url:
        return False
    ctx = build_context(settings, connections=1)
    try:
        introducer, patience = Introducer(ctx, settings), threading.Event()
        for _ in range(int(TRIES_FOR_S / PAUSE_S)):
            introducer.step()
            if introducer.done():
                return True
            patience.wait(PAUSE_S)
        return False
    finally:
        ctx.db.close()


def _forms(ctx: Context, settings: Settings, group_id: UUID) -> list[Form]:
    """What the simulator is told of one company: numbers at simulated accounts, and its people."""
    forms: list[Form] = []
    with ctx.db.transaction(group_id) as tx:
        demo = bool(load_group(tx).settings.get("demo"))
        for account in load_carrier_accounts(tx):
            if not _is_simulated(account, demo=demo):
                continue
            if account.base_url != settings.simulator_url:
                elsewhere = replace(account, base_url=settings.simulator_url)
                record_carrier_account(tx, elsewhere, ctx.now())
            tokens = account.secrets["auth_tokens"]
            registration = {
                "account": account.account,
                "auth_token": tokens[0],
                "numbers": load_numbers(tx, account.account),
                "inbound_url": f"{settings.url}/hooks/{account.carrier}/{account.account}/inbound",
            }
            forms.append(("/sim/lines", registration))
    if demo:
        content = load_content(ctx.now())
        numbers = {line["key"]: line["number"] for line in content.lines}
        people = [
            {
                "number": one.number,
                "name": one.name,
                "persona": one.persona,
                "line": numbers[one.line],
            }
            for one in content.people
        ]
        forms += [("/sim/customers", people), ("/sim/life", LIFE)]
    return forms


def _is_simulated(account: CarrierAccount, *, demo: bool) -> bool:
    """An account that no real carrier gave: of the demo, or one that speaks to this machine."""
    return demo or urlsplit(account.base_url).hostname in {"127.0.0.1", "localhost", "::1"}


def _key(path: str, said: Any) -> str:
    return json.dumps([path, said], sort_keys=True)


def _post(simulator_url: str, path: str, said: Any) -> bool:
    parts = urlsplit(simulator_url)
    link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json"}
        link.request("POST", path, body=json.dumps(said), headers=headers)
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
