"""P2: each stored decision comes out again as it did; one that would not is named."""

from __future__ import annotations

import json
from dataclasses import replace

import psycopg
import pytest

from lotline.cli import replay as command
from tests.actions.house import House
from tests.ops.past import DANA

SINCE = ["--since", "2026-01-01"]


def run(
    house: House, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, object]]:
    status = command.run(house.ctx, [*SINCE, "--json", *more])
    return status, json.loads(capsys.readouterr().out)


def test_a_town_of_decisions_comes_out_as_it_did(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.tap(DANA, "Half price on all winter tyres this week only!", purpose="offer")  # refused
    status, found = run(house, capsys)
    assert status == 0
    kept = house.ask("select count(*), count(distinct verdict) from decisions")[0]
    assert found["decisions"] == kept[0] > 8
    assert kept[1] > 1, "guards the town: more than one verdict was given"
    assert found["differ"] == 0


@pytest.mark.parametrize(
    "change",
    [
        "facts = jsonb_set(facts, '{purpose}', '\"offer\"')",
        "facts = jsonb_set(facts, '{at}', '\"2026-11-18T03:00:00Z\"')",
        "verdict = 'block'",
        "findings = jsonb_set(findings, '{0,rule}', '\"NONE\"')",
        "without_offer = 'block'",
        "hold_until = now()",
    ],
)
def test_one_that_comes_out_otherwise_is_named(
    house: House, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    with psycopg.connect(house.database.dsn("superuser")) as link:
        row = link.execute(
            f"update decisions set {change} where id = (select id from decisions "
            "where verdict = 'allow' and facts ->> 'purpose' = 'reply' order by id limit 1) "
            "returning id".encode()
        ).fetchone()
    assert row is not None
    status, found = run(house, capsys)
    assert status == 1
    assert found["which"] == [str(row[0])]
    assert command.run(house.ctx, SINCE) == 1
    assert str(row[0]) in capsys.readouterr().out


def test_another_rulebook_is_said_and_no_fault(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.town.ctx = replace(house.ctx, book=replace(house.ctx.book, digest="f" * 64))
    status, found = run(house, capsys)
    assert status == 0
    assert found["other_rulebooks"] == {house_book(house): found["decisions"]}
    assert command.run(house.ctx, SINCE) == 0
    assert "another rulebook" in capsys.readouterr().out


def house_book(house: House) -> str:
    found: str = house.ask("select distinct rulebook from decisions")[0][0]
    return found


def test_since_is_a_day(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = run(house, capsys, "--since", "2031-01-01T00:00:00+00:00")
    assert (status, found["decisions"]) == (0, 0)
    with pytest.raises(SystemExit):
        command.run(house.ctx, ["--since", "yesterday"])
