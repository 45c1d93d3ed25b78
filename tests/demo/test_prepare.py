"""`prepare --demo`: once, whole or not at all, and never over somebody else's company."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lotline.actions.founding import Founding, found_company
from lotline.config.cluster import Cluster
from lotline.config.demo.introducing import Introducer
from lotline.config.settings import Settings, load_settings
from lotline.config.wiring import opened_context
from tests.conftest import temporary_dir

ENV = {"LOTLINE_URL": "http://127.0.0.1:18700", "LOTLINE_SIMULATOR_URL": "http://127.0.0.1:18701"}
MAKING = b"making the demo town"


@pytest.fixture
def data() -> Iterator[Path]:
    with temporary_dir() as folder:
        yield folder


def environment(data: Path, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**clean, **ENV, "LOTLINE_DATA": str(data), "LOTLINE_DEMO": "yes", **more}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "lotline.config.entry", "prepare", *words]


def prepare(data: Path, *words: str, **more: str) -> str:
    done = subprocess.run(
        command(*words), env=environment(data, **more), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def settings_of(data: Path) -> Settings:
    return load_settings(environment(data))


# A new token is made by the owner's own act, and the one before is revoked.
ANEW = {"access_acts", "devices", "events", "ledger_checkpoints", "ledger_leaves", "ledger_nodes"}
ANEW |= {"ledger_places", "program_doors", "program_uses", "programs"}


def counts(data: Path) -> dict[str, int]:
    """How many rows each table has."""
    cluster = Cluster.start(data)
    try:
        with psycopg.connect(cluster.dsn("superuser")) as link:
            tables = link.execute(
                "select c.relname from pg_class c where c.relkind = 'r'"
                " and c.relnamespace = 'public'::regnamespace"
            ).fetchall()
            return {
                name: link.execute(f'select count(*) from "{name}"'.encode()).fetchall()[0][0]
                for (name,) in tables
            }
    finally:
        cluster.stop()


def told(data: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    return facts


@pytest.fixture(scope="module")
def town_data() -> Iterator[Path]:
    """A town that each test leaves as whole as it was."""
    with temporary_dir() as folder:
        assert "making" in prepare(folder, "--demo")
        yield folder


def test_a_second_start_keeps_the_town_and_what_was_told(town_data: Path) -> None:
    data = town_data
    first, words = counts(data), (data / "demo.json").read_bytes()
    assert stat.S_IMODE((data / "demo.json").stat().st_mode) == 0o600
    facts = told(data)
    assert set(facts) == {"url", "members", "api_token"}
    assert facts["url"] == ENV["LOTLINE_URL"]
    assert facts["members"][0]["role"] == "owner"
    assert all(set(one) == {"email", "password", "role"} for one in facts["members"])
    assert first["groups"] == 1
    assert first["accounts"] == first["seats"] == len(facts["members"]) == 12

    assert "making" not in prepare(data, "--demo")
    assert counts(data) == first
    assert (data / "demo.json").read_bytes() == words

    # Whoever lost the file is told anew, and the town stays.
    (data / "demo.json").unlink()
    prepare(data, "--demo")
    again = counts(data)
    grown = {name for name in first if again[name] != first[name]}
    assert grown <= ANEW
    assert (first["programs"], again["programs"]) == (1, 2)
    assert told(data)["api_token"] != facts["api_token"]
    assert [one["email"] for one in told(data)["members"]] == [
        one["email"] for one in facts["members"]
    ]


@pytest.mark.slow
def test_killed_in_the_middle_it_is_made_whole_at_the_next_start(data: Path) -> None:
    for wait_s in (0.5, 4.0):
        process = subprocess.Popen(command("--demo"), env=environment(data), stdout=subprocess.PIPE)
        assert process.stdout is not None
        for line in process.stdout:
            if MAKING in line:
                break
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if (data / "demo.json").exists():
            break  # this machine was quicker than the kill
    prepare(data, "--demo")
    rows = counts(data)
    assert rows["groups"] == 1
    assert rows["accounts"] == rows["seats"] == rows["members"] == 12
    assert rows["conversations"] == 65
    assert rows["ledger_leaves"] == rows["ledger_places"]
    assert len(told(data)["members"]) == 12


def test_a_company_of_somebody_is_never_touched(data: Path) -> None:
    prepare(data, LOTLINE_DEMO="no")
    assert (data / "setup.json").exists()
    settings = settings_of(data)
    with opened_context(settings) as ctx:
        found_company(ctx, Founding("Birch", "birch.example", "Ida Birch", ctx.new_id()))
    before = counts(data)
    assert "not made" in prepare(data, "--demo")
    assert counts(data) == before
    assert not (data / "demo.json").exists()
    assert not (data / "setup.json").exists(), "a link that is spent is taken away"


def test_the_simulator_is_asked_until_it_answers_and_told_once(town_data: Path) -> None:
    settings = settings_of(town_data)
    with opened_context(settings) as ctx:
        introducer = Introducer(ctx, settings)
        introducer.step()
        assert not introducer.done(), "nobody answers there"
        assert {path for path, _ in introducer._news()} == {
            "/sim/lines",
            "/sim/customers",
            "/sim/life",
        }
        (registration,) = [said for path, said in introducer._news() if path == "/sim/lines"]
        account = registration["account"]
        assert registration["inbound_url"].endswith(f"/hooks/twilio/{account}/inbound")
        assert len(registration["numbers"]) == 4
