"""A private phone's texts come in: customers' alone, held against the record, and nothing half.

The whole way through the pages: a file is sent, a thread reads it, what it found is chosen from.

Not here: the formats (`tests.adapters.test_phones`).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lotline.actions import bring as acts
from lotline.actions.consent import add_consent
from lotline.core.messaging.phone import PhoneText
from lotline.store.standing import load_standings
from lotline.web.uploads import sweep
from tests.adapters.phone_exports import Line, android, iphone, many, mms
from tests.web.site import Site

DALE, PRIYA, DOCK = "+16145550147", "+16145550148", "+16145550149"
STRANGER, SECRET = "+16145550166", "the kazoo orchestra meets on Thursday"
START = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)
PAGE = "/me/bring/"


@pytest.fixture
def phones(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Dale and Priya are customers of Elm's sales line, one more is Dockside's."""
    before = settings.FILE_UPLOAD_TEMP_DIR
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "incoming")
    site.town.meet(DALE, "Dale Whitcomb", by="ben", line="sales")
    site.town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    site.town.meet(DOCK, "Dora Dock", by="cy", line="dock")
    yield site
    settings.FILE_UPLOAD_TEMP_DIR = before


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


TALK = (
    Line("(614) 555-0147", at(0), "Hi, is the blue one there?"),
    Line("(614) 555-0147", at(1), "It is! Come by.", out=True),
    Line("6145550148", at(2), "Please stop texting me"),
    Line("+1 614-555-0148", at(3), "Sorry! One more thing", out=True),
    Line(DOCK, at(4), "I am not Ben's to see, marimba"),
    Line(STRANGER, at(5), SECRET),
    Line(STRANGER, at(6), f"{SECRET} again", out=True),
)


def send(client: Client, path: Path) -> str:
    """Sent, and read to its end: the page that shows it."""
    answer = client.post(PAGE, {"file": SimpleUploadedFile(path.name, path.read_bytes())})
    assert answer.status_code == 302, answer.content.decode()
    settled(client, answer["Location"])
    return str(answer["Location"])


def settled(client: Client, page: str) -> str:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        said = client.get(page).content.decode()
        if "Reading:" not in said:
            return said
        time.sleep(0.02)
    raise AssertionError("it never ended")


def ticked(said: str) -> list[str]:
    return re.findall(r'name="customer" value="([^"]+)" checked', said)


def leftovers() -> list[Path]:
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR or "").iterdir())


@pytest.mark.parametrize("kind", ["android", "iphone"])
def test_the_whole_way(phones: Site, tmp_path: Path, kind: str) -> None:
    ben = phones.client("ben")
    make: Any = {"android": android, "iphone": iphone}[kind]
    page = send(ben, make(tmp_path / "export", TALK))
    said = ben.get(page).content.decode()
    assert "7 texts read, 3 of them with nobody we know" in said
    assert "Dale Whitcomb" in said
    assert "Dora" not in said
    assert re.search(r'<b class="n">1</b> stop never recorded', said)
    assert re.search(r'<b class="n">1</b> customer texted without opt-in', said)
    assert re.search(r'<b class="n">1</b> texted after a stop', said)
    row = phones.house.ask(
        "select says, scope, source, how, said_at, kind from consent_entries where says = 'stop'"
    )
    assert row == [("stop", "all", "import", "wording", at(2), None)]
    assert "asked us to stop" in ben.get(_talk(phones, PRIYA)).content.decode()

    assert ben.post(f"{page}keep/", {"customer": ticked(said)}).status_code == 302
    dale = _contact(phones, DALE)
    history = ben.get(f"/customers/{dale}/brought/").content.decode()
    assert "It is! Come by." in history
    assert f"imported from Ben Ostrander’s {'iPhone' if kind == 'iphone' else 'Android'}" in history
    assert "Imported history" in ben.get(f"/customers/{dale}/").content.decode()
    assert phones.house.ask("select count(*) from bringing_texts") == [(0,)]
    assert phones.house.ask("select count(*) from texts") == [(0,)], "never a text of ours"
    yeses = phones.house.ask("select distinct source from consent_entries where says = 'yes'")
    assert yeses == [("in_person",)], "and never a consent"
    assert leftovers() == []
    assert client_sees(phones, "mo", "/team/brought/", "Ben Ostrander")
    assert "Ben Ostrander" not in phones.client("cy").get("/team/brought/").content.decode()


def test_nothing_of_others_is_kept_anywhere(
    phones: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the database, sealed or not; not in the folder; not in a log."""
    caplog.set_level(logging.DEBUG)
    ben = phones.client("ben")
    page = send(ben, android(tmp_path / "export", TALK, mms(Line(STRANGER, at(9), SECRET))))
    ben.post(f"{page}keep/", {"customer": ticked(ben.get(page).content.decode())})
    needles = ("5550166", "kazoo", "marimba")
    tables = phones.house.ask("select tablename from pg_tables where schemaname = 'public'")
    for (table,) in tables:
        rows = phones.house.ask(f"select t::text from {table} t")
        assert not [row for (row,) in rows for word in needles if word in row], table
    assert leftovers() == []
    assert not [one for one in needles if one in caplog.text]
    counted = phones.house.ask("select count(*) from brought_texts")
    assert counted == [(4,)], "sealed rows are customers' alone"
    assert "5550166" not in ben.get(page).content.decode()


def test_again_is_no_double(phones: Site, tmp_path: Path) -> None:
    ben = phones.client("ben")
    for turn, name in enumerate(("a", "b")):
        page = send(ben, android(tmp_path / name, TALK))
        said = ben.get(page).content.decode()
        assert bool(ticked(said)) is (turn == 0), "what came over is not ticked again"
        every = re.findall(r'name="customer" value="([^"]+)"', said)
        ben.post(f"{page}keep/", {"customer": every})
    page = send(ben, iphone(tmp_path / "c", TALK))
    assert ticked(ben.get(page).content.decode()) == [], "the same texts by another road"
    assert phones.house.ask("select count(*) from brought_texts") == [(4,)]
    assert phones.house.ask("select count(*) from consent_entries where says = 'stop'") == [(1,)]


def test_cancelled_means_nothing(phones: Site, tmp_path: Path) -> None:
    """While it is read, and once it was."""
    ben, ctx = phones.client("ben"), phones.house.ctx
    viewer = phones.town.sign_in("ben")

    class Slow:
        kind, total = "android", 10

        def read(self, tell: Any) -> Iterator[PhoneText]:
            tell(1)
            yield PhoneText(DALE, "in", at(0), "stop")
            acts.cancel(ctx, viewer, made)
            for number in range(2_000):
                yield PhoneText(DALE, "in", at(number), "stop")

    made = acts.begin(ctx, viewer, "android", 10)
    acts.read(ctx, viewer, made, Slow())  # type: ignore[arg-type]  # it is one in all that is asked
    assert "Cancelled." in ben.get(f"{PAGE}{made}/").content.decode()
    for table in ("bringing_texts", "bringing_threads", "brought_texts"):
        assert phones.house.ask(f"select count(*) from {table}") == [(0,)], table
    assert phones.house.ask("select count(*) from consent_entries where says = 'stop'") == [(0,)]

    page = send(ben, android(tmp_path / "x", TALK))
    assert ben.post(f"{page}cancel/").status_code == 302
    assert phones.house.ask("select count(*) from bringing_texts") == [(0,)]
    said = ben.get(page).content.decode()
    assert "the 1 stop that customers had said stay" in said
    assert ben.post(f"{page}keep/", {"customer": []}).status_code == 422


def test_a_fault_in_the_middle_keeps_nothing(phones: Site) -> None:
    ctx, viewer = phones.house.ctx, phones.town.sign_in("ben")

    class Breaks:
        kind, total = "android", 1

        def read(self, _tell: Any) -> Iterator[PhoneText]:
            yield PhoneText(DALE, "in", at(0), "stop")
            raise OSError("the disk")

    made = acts.begin(ctx, viewer, "android", 1)
    with pytest.raises(OSError, match="the disk"):
        acts.read(ctx, viewer, made, Breaks())  # type: ignore[arg-type]  # as above
    assert phones.house.ask("select state, stops from bringings") == [("failed", 0)]
    assert phones.house.ask("select count(*) from consent_entries where says = 'stop'") == [(0,)]


def test_who_is_out_in_the_middle_brings_nothing(phones: Site) -> None:
    from lotline.actions.members import suspend

    ctx, viewer = phones.house.ctx, phones.town.sign_in("ben")

    class Late:
        kind, total = "android", 1

        def read(self, _tell: Any) -> Iterator[PhoneText]:
            yield PhoneText(DALE, "in", at(0), "stop")
            suspend(ctx, phones.town.sign_in("ada"), phones.town.members["ben"])

    made = acts.begin(ctx, viewer, "android", 1)
    acts.read(ctx, viewer, made, Late())  # type: ignore[arg-type]  # as above
    assert phones.house.ask("select state from bringings") == [("cancelled",)]
    assert phones.house.ask("select count(*) from bringing_texts") == [(0,)]


def test_what_the_record_says_is_asked_of_each_instant(phones: Site, tmp_path: Path) -> None:
    """Agreed on May 5, stopped on our line, told on the phone before and after."""
    ctx, ben = phones.house.ctx, phones.town.sign_in("ben")
    dale = _contact(phones, DALE)
    add_consent(
        ctx,
        ben,
        dale,
        kind="express",
        scope="updates",
        source="in_person",
        said_at=at(1440),
        words="He said yes at the desk.",
        reason="The form was found later.",
    )
    lines = [
        Line(DALE, at(0), "before", out=True),
        Line(DALE, at(1500), "after", out=True),
        Line(DALE, at(1600), "STOP"),
        Line(DALE, at(1601), "STOP"),
        Line(DALE, at(1700), "still there?", out=True),
        Line(DALE, at(1800), "START"),
        Line(DALE, at(1900), "and now?", out=True),
    ]
    client = phones.client("ben")
    send(client, android(tmp_path / "x", lines))
    row = phones.house.ask("select sent, without, after_stop, stops from bringing_threads")
    assert row == [(4, 1, 2, 1)]
    stops = phones.house.ask("select said_at, how from consent_entries where says = 'stop'")
    assert stops == [(at(1600), "keyword")]
    with ctx.db.transaction(phones.town.group_id) as tx:
        now = load_standings(tx, [dale], phones.town.clock())[dale]
    assert now.stopped == "all", "a START that only a private phone heard opens nothing"


def test_the_hand_over_text_goes_through_the_gate_and_once(phones: Site, tmp_path: Path) -> None:
    ben = phones.client("ben")
    phones.house.text_in(DALE, "is the blue one there?")
    page = send(ben, android(tmp_path / "x", TALK))
    ben.post(f"{page}keep/", {"customer": ticked(ben.get(page).content.decode())})
    said = ben.get(page).content.decode()
    draft = re.search(r'maxlength="600">([^<]+)<', said)
    assert draft is not None, "a first wording is offered"
    form = {
        "customer": [str(_contact(phones, DALE)), str(_contact(phones, PRIYA))],
        "body": draft[1],
    }
    said = ben.post(f"{page}hand-over/", form).content.decode()
    assert "On its way" in said
    assert "Not sent: the rules don’t allow it" in said
    ben.post(f"{page}hand-over/", form)
    states = phones.house.ask("select state from texts where direction = 'out' order by state")
    assert states == [("blocked",), ("queued",)]


def test_a_bad_file_is_refused_and_removed(phones: Site, tmp_path: Path) -> None:
    ben = phones.client("ben")
    for content in (b"", b"PK\x03\x04 zip", b"SQLite format 3\0 and nothing", b"\xff" * 999):
        file = SimpleUploadedFile("x", content)
        assert ben.post(PAGE, {"file": file}).status_code == 422
    assert ben.post(PAGE, {}).status_code == 422
    laughs = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "ha">]><smses/>'
    page = ben.post(PAGE, {"file": SimpleUploadedFile("x", laughs)})["Location"]
    assert "isn’t a backup of texts" in settled(ben, page)
    large = tmp_path / "large"
    large.write_bytes(b"<smses>" + b" " * 3_000_000)
    page = ben.post(PAGE, {"file": SimpleUploadedFile("x", large.read_bytes())})["Location"]
    assert "damaged" in settled(ben, page)
    assert leftovers() == []


def test_who_is_nobody_leaves_no_file(phones: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even while it is taken in: the body is not read for them."""
    from lotline.web import uploads

    big = SimpleUploadedFile("x", b"<smses>" + b" " * 3_000_000)
    assert Client().post(PAGE, {"file": big}).status_code in {302, 401}
    noor = phones.client("noor")
    assert noor.post(PAGE, {"file": SimpleUploadedFile("x", b"<smses/>")}).status_code == 403
    monkeypatch.setitem(uploads.LARGEST_AT, PAGE, 1000)
    ben = phones.client("ben")
    answer = ben.post(PAGE, {"file": SimpleUploadedFile("x", b"<smses>" + b" " * 3000)})
    assert answer.status_code == 422
    assert "too large" in answer.content.decode()
    assert phones.house.ask("select count(*) from bringings") == [(0,)]


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    assert sweep(folder) == 0
    for name in ("a.part", "b.upload.xml"):
        (folder / name).write_bytes(b"<smses")
    assert sweep(folder) == 2
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o077 == 0


def test_an_import_is_its_members_alone(phones: Site, tmp_path: Path) -> None:
    page = send(phones.client("ben"), android(tmp_path / "x", TALK))
    dale = _contact(phones, DALE)
    for who in ("bea", "cy", "mo", "ada"):
        other = phones.client(who)
        assert other.get(page).status_code == 404, who
        for act in ("keep/", "cancel/"):
            answer = other.post(page + act, {"customer": [str(dale)]})
            assert answer.status_code == 404, (who, act)
    phones.client("ben").post(f"{page}keep/", {"customer": [str(dale)]})
    assert phones.client("cy").get(f"/customers/{dale}/brought/").status_code == 404
    assert "Come by" in phones.client("mo").get(f"/customers/{dale}/brought/").content.decode()


@pytest.mark.parametrize(
    "kind,count",
    [
        ("android", 1_000),
        pytest.param("android", 10_000, marks=pytest.mark.slow),
        pytest.param("iphone", 10_000, marks=pytest.mark.slow),
    ],
)
def test_a_thousand_texts_take_less_than_a_second_and_progress_is_shown(
    phones: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, count: int
) -> None:
    """By what this process computes: beside others, a clock on the wall says nothing."""
    monkeypatch.setattr(acts, "BEAT_S", 0.05)
    ben = phones.client("ben")
    lines = many(count, [DALE, PRIYA], START - timedelta(days=30), [STRANGER])
    make: Any = {"android": android, "iphone": iphone}[kind]
    path = make(tmp_path / "export", lines)
    file = SimpleUploadedFile(path.name, path.read_bytes())
    began, wall = time.process_time(), time.perf_counter()
    page = ben.post(PAGE, {"file": file})["Location"]
    seen = set()
    while "Reading:" in (said := ben.get(page).content.decode()):
        seen |= set(re.findall(r"Reading: (\d+) %", said))
        time.sleep(0.2)
    took, waited = time.process_time() - began, time.perf_counter() - wall
    print(f"{count} {kind}: {took:.2f} s of this process, {waited:.2f} s by the clock")
    assert f"{count} texts read" in said
    assert len(seen) > (count > 1_000), "progress is shown"
    assert took < count / 1_000, took
    assert phones.house.ask("select count(*) from bringing_texts") == [(count * 4 // 5,)]


def client_sees(site: Site, who: str, page: str, word: str) -> bool:
    return word in site.client(who).get(page).content.decode()


def _contact(site: Site, number: str) -> Any:
    from lotline.store.standing import find_by_numbers

    with site.house.ctx.db.transaction(site.town.group_id) as tx:
        return find_by_numbers(tx, [number])[number].id


def _talk(site: Site, number: str) -> str:
    contact = _contact(site, number)
    found = site.house.ask("select id from conversations where contact_id = %s", contact)
    return f"/c/{found[0][0]}/"
