"""The house that calls are thrown at: the small town, its web as a process of its own.

Not here: the calls (`calls`), what is asked afterwards (`books`).
"""

from __future__ import annotations

from pathlib import Path

from lotline.store.carrier_accounts import CarrierAccount, record_carrier_account
from tests.attack.mortal import Mortal
from tests.browser.house import OPENS_AT, TestClock, free_port
from tests.conftest import Database
from tests.fuzz.books import ask_everything
from tests.fuzz.calls import Place
from tests.fuzz.hands import Report, throw
from tests.peers.running import TOKEN
from tests.town import ACCOUNT, LINES, Clock, build_town, make_context


def throw_at(db: Database, folder: Path, seconds: float, seed: int) -> Report:
    """Throw, then read the books; the server must still answer in between."""
    from django.conf import settings

    report = Report(seed)
    TestClock(folder / "clock").move_to(OPENS_AT)
    (folder / "secret").write_text(settings.SECRET_KEY)
    ctx = make_context(db.app, folder, clock=Clock(OPENS_AT))
    try:
        town = build_town(ctx, {"policy_required": False})
        with ctx.db.transaction(town.group_id) as tx:
            secrets = {"auth_tokens": [TOKEN]}
            account = CarrierAccount("twilio", ACCOUNT, "http://127.0.0.1:9", secrets)
            record_carrier_account(tx, account, ctx.now())
        house = Mortal(folder, db, None, None, free_port())  # type: ignore[arg-type]  # its pages and its carrier are not asked
        try:
            house.start("web")
            house.wait_ready()
            numbers = tuple(number for _, _, number in LINES.values())
            place = Place(house.port, house.url, ACCOUNT, TOKEN, numbers)
            throw(place, report, seconds)
            if house.ask("GET", "/readyz")[0] != 200:
                report.broken.append("the web is not ready any more")
        finally:
            house.close()
        log = folder / "web.log"
        ask_everything(ctx, town.group_id, db.dsn("superuser"), log, report)
    finally:
        ctx.db.close()
    return report
