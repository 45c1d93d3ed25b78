"""P8 in logs: whatever is logged, by us or by others, shows nobody's name, number or words."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import sys
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.config import LOGGING_CONFIG

from lotline.config.logs import set_up_logs, with_request_ids, without_words
from lotline.core.carriers.port import Busy
from tests.actions.house import House
from tests.looping import run_alone
from tests.ops.past import DANA, SAID, live, secrets_of
from tests.town import build_town


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a program would write to its log, at its most talkative."""
    sink = io.StringIO()
    monkeypatch.setattr("sys.stderr", sink)
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level, ours = root.level, logging.getLogger("lotline").level
    hooks = (sys.excepthook, threading.excepthook)
    set_up_logs("debug", "test")
    yield sink
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("lotline").setLevel(ours)
    sys.excepthook, threading.excepthook = hooks
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def lines(sink: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sink.getvalue().splitlines()]


NUMBERS = [
    "+16145550142", "6145550142", "(614) 555-0142", "614-555-0142", "614.555.0142",
    "1 614 555 0142", "tel:+16145550142,", "To=%2B16145550142", "555-0142",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_blotted_however_it_is_written(logged: io.StringIO, number: str) -> None:
    logging.getLogger("lotline.x").info("texting %s now", number)
    logging.getLogger("somebody.else").warning("a driver said: %s", {"to": number})
    structlog.get_logger("lotline.y").info("an event", to=number, deep={"a": [number]})
    # The instant is left out: its digits are nobody's, and now and then they are these.
    text = str([{**line, "timestamp": ""} for line in lines(logged)])
    assert "0142" not in text
    assert text.count("[number]") == 4


@pytest.mark.parametrize(
    "kept",
    [
        "019ffe1f-0f69-7000-a083-99f2ff1cbc85",
        "SM06fcb863285575004c5321b9cd6a21db",
        "2026-11-22 02:38:18",
        "in 1234 ms",
        "/c/019ffe1f-0f69-7000-a083-99f2ff1cbc85/",
        "PostgreSQL 18.4",
        "16 waiting",
    ],
)
def test_ids_and_times_stay_readable(kept: str) -> None:
    assert without_words(f"said {kept}") == f"said {kept}"


def test_addresses_quotes_and_what_is_long_are_left_out() -> None:
    said = without_words(
        "from dana@example.com: 'Is the silver Crosstrek still there?' " + "x" * 999
    )
    assert "dana" not in said
    assert "Crosstrek" not in said
    assert said.endswith("[cut]")
    assert without_words(b"+16145550142") == "[bytes]"
    assert without_words(object()) == "[object]"


@given(
    st.recursive(
        st.one_of(st.text(), st.binary(), st.integers(), st.none(), st.just("+16145550142")),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    )
)
def test_any_value_becomes_one_that_json_takes(value: Any) -> None:
    assert "6145550142" not in json.dumps(without_words(value))


def test_an_exception_is_its_class_and_place(logged: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(f"no such number: {DANA}, she said {SAID[0]}")

    try:
        fail()
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /c/1/")
        structlog.get_logger("lotline").exception("it failed")
    (first, second) = lines(logged)
    assert first["trouble"] == second["trouble"] == "ValueError"
    assert first["at"].startswith("test_logs.py:")
    assert not any(said in logged.getvalue() for said in (DANA, SAID[0], "no such number"))


def test_the_servers_own_words_go_the_same_way(
    logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server brings handlers of its own, which print whole traces."""
    monkeypatch.setattr("sys.stderr", logged)
    logging.config.dictConfig(LOGGING_CONFIG)
    set_up_logs("info", "web")
    error = ValueError(SAID[0])
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)
    (line,) = lines(logged)
    assert (line["program"], line["trouble"]) == ("web", "ValueError")
    assert SAID[0] not in logged.getvalue()


def test_what_ends_a_thread_is_named_too(logged: io.StringIO) -> None:
    def fail() -> None:
        raise RuntimeError(SAID[1])

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (line,) = lines(logged)
    assert (line["event"], line["trouble"]) == ("ended by an exception", "RuntimeError")
    assert line["program"] == "test"
    assert SAID[1] not in logged.getvalue()


async def _ask(headers: list[tuple[bytes, bytes]], path: str = "/customers/") -> list[Any]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        logging.getLogger("lotline.page").info("a page")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"q=Dana+Whitfield&n=6145550142",
        "headers": headers,
    }
    await with_request_ids(app)(scope, None, send)
    return sent


def test_every_line_of_a_request_has_its_id_and_none_its_query(logged: io.StringIO) -> None:
    sent = run_alone(_ask([]))
    page, access = lines(logged)
    assert (
        page["request_id"]
        == access["request_id"]
        == dict(sent[0]["headers"])[b"x-request-id"].decode()
    )
    assert access["event"].startswith("GET /customers/ 200 in ")
    assert "Dana" not in logged.getvalue()
    run_alone(_ask([(b"x-request-id", b"proxy-0123456789")]))
    assert lines(logged)[-1]["request_id"] == "proxy-0123456789"
    run_alone(_ask([(b"x-request-id", b"Dana Whitfield <b>")]))
    assert "Dana" not in logged.getvalue()
    before = len(lines(logged))
    run_alone(_ask([], "/healthz"))
    assert len(lines(logged)) == before + 1, "a probe's own line is not logged"


def test_a_town_lives_and_breaks_and_its_log_says_nothing_of_it(
    house: House, logged: io.StringIO
) -> None:
    """All of its past again, with a carrier that refuses and a database that fails."""
    house.carrier.says = lambda text: Busy(1.0, f"cannot take {text.body} to {text.to}")
    again = House(build_town(house.ctx, {}), house.carrier, house.database)
    again.carrier.clock = again.town.clock
    again.town.clock.at = house.town.clock.at
    live(again)
    for breaking in ("texts", "contacts"):
        with psycopg.connect(house.database.dsn("superuser")) as link:
            link.execute(f"alter table {breaking} rename to broken_{breaking}".encode())
        try:
            house.text_in(DANA, SAID[2])
        except Exception:  # as a process boundary would
            logging.getLogger("lotline.web").exception("a page failed")
    text = logged.getvalue()
    assert "a page failed" in text, "guards the search itself"
    assert [said for said in secrets_of(house) if said in text] == []


def test_the_databases_own_log_says_nothing_either(house: House) -> None:
    """Statements that fail, with words and numbers in them."""
    with psycopg.connect(house.database.dsn("superuser"), autocommit=True) as link:
        for statement in (
            f"insert into texts (id) values ('{SAID[0]}')",
            f"select '{DANA}'::int",
            f"select nothing from nowhere where said = '{SAID[1]}'",
            f"insert into groups (id, origin) values (gen_random_uuid(), '{SAID[2]}')",
        ):
            with pytest.raises(psycopg.Error):
                link.execute(statement.encode())
    cluster: Any = house.database.cluster
    text = (cluster._state / "postgres.log").read_text()
    assert "ready to accept connections" in text, "guards the search itself"
    assert [said for said in secrets_of(house) if said in text] == []
