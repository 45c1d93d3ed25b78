"""What comes and goes: carriers and what they call us, texts that wait, the worker, the ledger.

A carrier is asked by reading its own list, which proves the credentials and sends nothing. Its
answer's Date is a clock that is neither ours nor the database's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

import urllib3

from lotline.actions.audit import audit_log
from lotline.actions.context import Context
from lotline.actions.scheduled import EVERY
from lotline.adapters.http import Answer, Http
from lotline.config.examine_database import judge_clocks
from lotline.config.examined import Examined, bad, fine, odd
from lotline.config.settings import Settings
from lotline.core.carriers.port import Found, Refused, Search
from lotline.store.condition import (
    Account,
    count_orphan_lines,
    count_workers,
    load_accounts,
    load_last_arrival,
    load_ledger_condition,
    load_overdue,
    load_turned_away_since,
    load_unknown_texts,
)
from lotline.store.groups import load_group_ids
from lotline.store.scheduled import load_condition

LATE_S = 120.0
UNPLACED_FAIL_S = 60.0
UNKNOWN_WARN = timedelta(hours=1)
FAULTS_SHOWN = 5
DAY = timedelta(days=1)


def examine_traffic(ctx: Context, settings: Settings, *, whole_log: bool) -> Iterator[Examined]:
    yield _ourselves(settings)
    yield _workers(ctx)
    yield _waiting(ctx)
    groups = load_group_ids(ctx.db)
    if not groups:
        yield odd("company", "there is none yet", f"open {settings.url} and set one up")
    for group_id in groups:
        name = f" of {group_id}" if len(groups) > 1 else ""
        yield from _carriers(ctx, group_id, name)
        yield _webhooks(ctx, group_id, name)
        yield _unknown(ctx, group_id, name)
        yield _ledger(ctx, group_id, name)
        yield from _exports(ctx, group_id, name)
        if whole_log:
            yield _log(ctx, group_id, name)


def _ourselves(settings: Settings) -> Examined:
    """From here only: whether the carrier finds the same way in, its calls will show."""
    what, address = "our own address", f"{settings.url}/healthz"
    try:
        answer = urllib3.request("GET", address, timeout=5.0, retries=False, redirect=False)
        alive = answer.status == 200 and json.loads(answer.data).get("alive") is True
    except (urllib3.exceptions.HTTPError, ValueError, AttributeError) as error:
        why = type(error).__name__
        return bad(
            what, f"{address} does not answer ({why})", "start `lotline up`; look at the proxy"
        )
    if not alive:
        return bad(
            what,
            f"{address} answered {answer.status}, not as we do",
            "LOTLINE_URL or the proxy leads to another program",
        )
    return fine(what, f"{address} answers")


def _workers(ctx: Context) -> Examined:
    with ctx.db.door() as tx:
        loops = count_workers(tx)
    if not loops:
        return bad(
            "worker",
            "none listens for work: nothing is sent",
            "start `lotline up`, or the worker's service; its log says why it ended",
        )
    return fine("worker", f"{loops} loops listen")


def _waiting(ctx: Context) -> Examined:
    now = ctx.now()
    with ctx.db.door() as tx:
        late = load_overdue(tx, now - timedelta(seconds=LATE_S), now)
    if late.n and late.oldest is not None:
        minutes = (now - late.oldest).total_seconds() / 60
        return bad(
            "texts that wait",
            f"{late.n} are overdue, the oldest for {minutes:.0f} minutes",
            "look at the worker's log, and whether its carrier answers",
        )
    return fine("texts that wait", "none is overdue")


def _carriers(ctx: Context, group_id: UUID, name: str) -> Iterator[Examined]:
    with ctx.db.transaction(group_id) as tx:
        accounts = load_accounts(tx)
        orphans = count_orphan_lines(tx)
    if orphans:
        yield bad(f"lines{name}", f"{orphans} have no carrier account", "connect their carrier")
    if not accounts:
        yield odd(f"carrier{name}", "none is connected", "connect one under Lines")
    for account in accounts:
        yield _carrier(ctx, group_id, account, name)
        yield _carriers_clock(account, name)


def _carrier(ctx: Context, group_id: UUID, account: Account, name: str) -> Examined:
    what = f"{account.carrier} {account.account[:6]}…{name}"
    search = Search(
        account=account.account,
        to=account.number or "+15005550006",  # the carrier's own number for trying things
        since=ctx.now() - timedelta(minutes=1),
    )
    try:
        found = ctx.carrier_for(group_id, account.account).find(search)
    except (ValueError, KeyError) as error:
        return bad(what, f"its secrets cannot be used: {error}", "connect it again")
    if isinstance(found, Found):
        return fine(what, f"answers, and takes our credentials ({account.base_url})")
    if isinstance(found, Refused):
        return bad(
            what,
            f"refuses us: {found.says} ({found.code})",
            "look at the account's id, token and key in the carrier's console",
        )
    return bad(
        what,
        f"does not answer as it should ({found.why})",
        "look at its status page, and whether this machine reaches the network",
    )


def _carriers_clock(account: Account, name: str) -> Examined:
    what = f"clock and {account.carrier}{name}"
    http = Http(account.carrier, record=lambda _: None, connect_s=5, read_s=5, connections=1)
    try:
        answer = http.call("GET", f"{account.base_url.rstrip('/')}/", headers={})
    finally:
        http.close()
    shown = answer.headers.get("date", "") if isinstance(answer, Answer) else ""
    try:
        theirs = parsedate_to_datetime(shown)
    except ValueError:
        return odd(what, "it did not say what time it is", "look whether NTP keeps the clock")
    now = datetime.now(UTC)  # noqa: TID251  # the very clock that is examined
    apart = abs((now - theirs).total_seconds())
    return judge_clocks(what, max(0.0, apart - 1.0))  # theirs is a whole second


def _webhooks(ctx: Context, group_id: UUID, name: str) -> Examined:
    what, now = f"webhooks{name}", ctx.now()
    with ctx.db.transaction(group_id) as tx:
        last = load_last_arrival(tx)
        turned = load_turned_away_since(tx, now - DAY)
    heard = f"last call {_ago(now, last)}"
    if turned:
        reasons = ", ".join(f"{n} {reason}" for reason, n in turned.items())
        return odd(
            what,
            f"{heard}; turned away in 24 hours: {reasons}",
            "wrong_signature: the auth token changed, or a proxy changes the host "
            "(LOTLINE_URL must be what the carrier calls); others: look under Turned away",
        )
    if last is None:
        return odd(
            what,
            "no carrier has called yet",
            "set the number's webhook in the carrier's console, then text it",
        )
    return fine(what, f"{heard}; nothing was turned away in 24 hours")


def _unknown(ctx: Context, group_id: UUID, name: str) -> Examined:
    what, now = f"unknown texts{name}", ctx.now()
    with ctx.db.transaction(group_id) as tx:
        many = load_unknown_texts(tx)
    if many.n and many.oldest is not None and now - many.oldest > UNKNOWN_WARN:
        return odd(
            what,
            f"{many.n} may or may not have left, the oldest {_ago(now, many.oldest)}",
            "ask the carrier or the customer, then say it on the text itself",
        )
    return fine(what, f"{many.n} are being looked for" if many.n else "none")


def _ledger(ctx: Context, group_id: UUID, name: str) -> Examined:
    what, now = f"ledger{name}", ctx.now()
    with ctx.db.transaction(group_id) as tx:
        found = load_ledger_condition(tx)
    if found.oldest is not None and (now - found.oldest).total_seconds() > UNPLACED_FAIL_S:
        return bad(
            what,
            f"{found.waiting} leaves have no place, the oldest {_ago(now, found.oldest)}",
            "the worker gives places: look at its log; a transaction that never ends holds it",
        )
    return fine(what, f"{found.waiting} leaves wait; signed {_ago(now, found.signed_at)}")


def _log(ctx: Context, group_id: UUID, name: str) -> Examined:
    what = f"whole log{name}"
    done = audit_log(ctx, group_id)
    if done.whole:
        return fine(
            what,
            f"{done.size + done.waiting} leaves, {done.rows} rows fit them, "
            f"{done.shut} are of erased keys",
        )
    shown = "; ".join(done.faults[:FAULTS_SHOWN])
    more = len(done.faults) - FAULTS_SHOWN
    return bad(
        what,
        f"{len(done.faults)} faults: {shown}" + (f"; and {more} more" if more > 0 else ""),
        "somebody changed the database past the application: keep it as it is, restore a backup "
        "beside it and compare (docs/operating/doctor.md)",
    )


def _ago(now: datetime, at: datetime | None) -> str:
    if at is None:
        return "never"
    seconds = max(0, int((now - at).total_seconds()))
    for size, word in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word} ago"
    return f"{seconds} s ago"


def _exports(ctx: Context, group_id: UUID, name: str) -> Iterator[Examined]:
    """Only where evidence leaves by the clock at all."""
    what = f"scheduled export{name}"
    with ctx.db.transaction(group_id) as tx:
        found = load_condition(tx, 1)
    if found.chosen is None or found.chosen.every not in EVERY:
        return
    last = found.files[0].made_at if found.files else found.chosen.at
    if found.failing and found.failed_at is not None:
        yield bad(what, f"failed: {found.failed_why}", "see to the folder of LOTLINE_EXPORTS")
    elif ctx.now() - last > 2 * EVERY[found.chosen.every]:
        yield odd(what, f"the last was {last:%Y-%m-%d %H:%M} UTC", "is the worker running?")
    else:
        yield fine(what, f"{found.chosen.every}; the last {last:%Y-%m-%d %H:%M} UTC")
