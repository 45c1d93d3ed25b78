"""doctor finds what is broken, says what helps, and changes nothing.

Each break is made for real, and the same house without it is well.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lotline.actions.sequence import sequence
from lotline.actions.turn_away import turn_away
from lotline.config import doctor
from lotline.config.backup import count_rows
from lotline.config.examine_database import judge_clocks
from lotline.config.examined import Mark
from lotline.store.carrier_accounts import CarrierAccount, record_carrier_account
from lotline.store.events import WORK_CHANNEL
from lotline.store.listen import Listener
from tests.actions.house import House
from tests.peers.running import TOKEN, SimulatorProcess
from tests.town import ACCOUNT, LINES

Seen = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def carrier() -> Iterator[SimulatorProcess]:
    simulator = SimulatorProcess()
    numbers = [number for _, _, number in LINES.values()]
    given = {"account": ACCOUNT, "auth_token": TOKEN, "numbers": numbers}
    hook = {"inbound_url": "http://127.0.0.1:9/hooks", "public_base_url": "http://127.0.0.1:9"}
    simulator.post("/sim/lines", [{**given, **hook}])
    yield simulator
    simulator.stop()


@pytest.fixture(scope="module")
def ourselves() -> Iterator[str]:
    """What answers at our address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"alive": true}')

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class Practice:
    """A house, its data directory, and a doctor to send there."""

    def __init__(self, house: House, data: Path, url: str, simulator: str) -> None:
        self.house = house
        self.data = data
        database = house.database
        self.env = {
            "LOTLINE_DATA": str(data),
            "LOTLINE_URL": url,
            "LOTLINE_ROOT_KEY_FILE": str(data / "keys" / "root"),
            "DATABASE_URL": database.owner,
            "DATABASE_APP_URL": database.app,
            "DATABASE_READER_URL": database.reader,
        }
        root: Any = house.ctx.ring.root
        (data / "keys").mkdir(mode=0o700)
        (data / "keys" / "root").write_bytes(root._path.read_bytes())
        (data / "keys" / "secret").write_text("s" * 64)
        for name in ("root", "secret"):
            (data / "keys" / name).chmod(0o600)
        self.listener = Listener(database.app, WORK_CHANNEL)
        self.listener.wait(0.01)
        self.connect(simulator, TOKEN)
        sequence(house.ctx, house.town.group_id)

    def connect(self, base_url: str, token: str) -> None:
        with self.house.ctx.db.transaction(self.house.town.group_id) as tx:
            account = CarrierAccount("twilio", ACCOUNT, base_url, {"auth_tokens": [token]})
            record_carrier_account(tx, account, self.house.town.clock())

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.house.database.dsn("superuser")) as link:
            link.execute(statement.encode())

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def practice(
    house: House,
    tmp_path: Path,
    ourselves: str,
    carrier: SimulatorProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Practice]:
    data = tmp_path / "data"
    data.mkdir(mode=0o711)
    made = Practice(house, data, ourselves, carrier.url)
    for name, value in made.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(doctor, "set_up_logs", lambda level: None)  # pytest has its own
    yield made
    made.close()


def examined(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Seen]:
    status = doctor.run(["--json", *words])
    found = json.loads(capsys.readouterr().out)
    return status, {one["what"]: one for one in found}


def test_a_house_that_is_well(practice: Practice, capsys: pytest.CaptureFixture[str]) -> None:
    with psycopg.connect(practice.house.database.dsn("superuser")) as link:
        before = count_rows(link)
    status, found = examined(capsys)
    broken = {what: one["says"] for what, one in found.items() if one["mark"] == Mark.FAIL}
    assert (status, broken) == (0, {})
    assert {"root key", "tables and rights", "append-only tables", "worker", "ledger"} <= set(found)
    assert "rows fit them" in found["whole log"]["says"]
    assert all(one["do"] for one in found.values() if one["mark"] != Mark.OK)
    with psycopg.connect(practice.house.database.dsn("superuser")) as link:
        assert count_rows(link) == before, "nothing was changed"
    assert doctor.run(["--quick"]) == 0
    said = capsys.readouterr().out
    assert "whole log" not in said
    assert "0 broken" in said


def root_is_open(practice: Practice) -> None:
    (practice.data / "keys" / "root").chmod(0o644)


def root_is_gone(practice: Practice) -> None:
    (practice.data / "keys" / "root").unlink()


def secret_is_open(practice: Practice) -> None:
    (practice.data / "keys" / "secret").chmod(0o640)


def data_is_open(practice: Practice) -> None:
    practice.data.chmod(0o777)


def keys_are_open(practice: Practice) -> None:
    (practice.data / "keys").chmod(0o755)


def app_may_change_the_ledger(practice: Practice) -> None:
    practice.sql("grant update (leaf) on ledger_leaves to lotline_app")
    practice.sql("grant update on decisions to lotline_app")


def rows_of_others_are_open(practice: Practice) -> None:
    practice.sql("alter table contacts no force row level security")


def a_migration_is_missing(practice: Practice) -> None:
    practice.sql("delete from django_migrations where app = 'store' and name like '0003%'")


def it_is_from_the_future(practice: Practice) -> None:
    practice.sql(
        "insert into django_migrations (app, name, applied) values ('store', '0999_x', now())"
    )


def nobody_works(practice: Practice) -> None:
    practice.listener.close()


def a_text_is_late(practice: Practice) -> None:
    practice.sql(
        "insert into outbox (group_id, text_id, contact_id, line_id, due_at, kind)"
        " select group_id, id, contact_id, line_id, now() - interval '1 hour', 'undo'"
        " from texts where direction = 'out' limit 1"
    )


def the_token_is_wrong(practice: Practice) -> None:
    account = practice.house.ask("select base_url from carrier_accounts")[0][0]
    practice.connect(account, "0" * 32)


def the_carrier_is_away(practice: Practice) -> None:
    practice.connect("http://127.0.0.1:9", TOKEN)


def no_account_is_known(practice: Practice) -> None:
    practice.sql("update lines set account = 'AC9' where label_ct is not null")


def a_leaf_has_no_place(practice: Practice) -> None:
    practice.house.text_in("+16145550142", "Hello?")  # by the town's clock, days ago


def a_row_was_changed(practice: Practice) -> None:
    practice.sql("update decisions set verdict = 'block'")


def long(*case: Any) -> Any:
    """Of each sort of trouble the short suite has one; these are looked for in the long one."""
    return pytest.param(*case, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    "hurt, what, helps",
    [
        (root_is_open, "root key", "docs/keys.md"),
        long(root_is_gone, "root key", "docs/keys.md"),
        long(secret_is_open, "secret key", "chmod 600"),
        (data_is_open, "data directory", "chmod go-w"),
        long(keys_are_open, "data directory", "chmod 700"),
        (app_may_change_the_ledger, "append-only tables", "revoke update, delete on decisions"),
        (app_may_change_the_ledger, "tables and rights", "by hand"),
        long(rows_of_others_are_open, "tables and rights", "by hand"),
        (a_migration_is_missing, "migrations", "lotline migrate"),
        long(it_is_from_the_future, "migrations", "update Lotline"),
        (nobody_works, "worker", "lotline up"),
        long(a_text_is_late, "texts that wait", "worker"),
        (the_token_is_wrong, f"twilio {ACCOUNT[:6]}…", "console"),
        long(the_carrier_is_away, f"twilio {ACCOUNT[:6]}…", "network"),
        long(no_account_is_known, "lines", "connect"),
        (a_leaf_has_no_place, "ledger", "worker"),
        (a_row_was_changed, "whole log", "past the application"),
    ],
)
def test_what_is_broken_is_found_and_something_helps(
    practice: Practice,
    capsys: pytest.CaptureFixture[str],
    hurt: Callable[[Practice], None],
    what: str,
    helps: str,
) -> None:
    hurt(practice)
    status, found = examined(capsys, *(() if what == "whole log" else ("--quick",)))
    assert status == 1
    assert found[what]["mark"] == Mark.FAIL, found[what]
    assert helps in found[what]["do"]


def test_what_was_turned_away_is_told_by_its_reason(
    practice: Practice, capsys: pytest.CaptureFixture[str]
) -> None:
    practice.house.town.clock.at = datetime.now(UTC) - timedelta(minutes=1)
    turn_away(
        practice.house.ctx,
        group_id=practice.house.town.group_id,
        carrier="twilio",
        account=ACCOUNT,
        reason="wrong_signature",
        raw="Body=hello",
    )
    found = examined(capsys, "--quick")[1]["webhooks"]
    assert found["mark"] == Mark.WARN
    assert "1 wrong_signature" in found["says"]


def test_where_nothing_is_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "LOTLINE_ROOT_KEY_FILE", "LOTLINE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOTLINE_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setattr(doctor, "set_up_logs", lambda level: None)
    status, found = examined(capsys)
    assert status == 1
    assert "`lotline up` makes" in found["database"]["says"]
    assert not (tmp_path / "nowhere").exists()


def test_a_setting_that_cannot_be_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTLINE_URL", "ftp://nowhere/")
    monkeypatch.setattr(doctor, "set_up_logs", lambda level: None)
    status, found = examined(capsys)
    assert (status, list(found)) == (1, ["settings"])


@pytest.mark.parametrize(
    "apart, mark",
    [(0.0, Mark.OK), (2.0, Mark.OK), (2.1, Mark.WARN), (30.0, Mark.WARN), (30.1, Mark.FAIL)],
)
def test_clocks(apart: float, mark: Mark) -> None:
    assert judge_clocks("clock", apart).mark is mark
