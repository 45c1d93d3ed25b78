"""What is too old goes, what is held stays, a stop outlives everything, and the log verifies on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lotline.actions import contacts
from lotline.actions.audit import audit_log
from lotline.actions.erase import erase_by_command, erase_waiting
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.evidence import export_evidence
from lotline.actions.holds import lift_hold, place_hold
from lotline.actions.notes import add_note
from lotline.actions.retention import choose, foresee, retire
from lotline.cli import retention as command
from lotline.core.oversight.retention import load_records
from lotline.core.oversight.verify import verify_bundle
from lotline.store.holds import load_holds, load_waiting
from tests.actions.house import House
from tests.ops.past import DANA, JOY, MARCUS, NAMES, SAID, contact_of

YEARS = 366


def age(house: House, years: int) -> None:
    """So many years later; what only grows is old by the database's own clock too."""
    house.town.clock.pass_by(days=YEARS * years)
    back = timedelta(days=YEARS * years)
    for table, column in (("notes", "created_at"), ("arrivals", "arrived_at")):
        house.ask(f"update {table} set {column} = {column} - %s returning 1", back)


def drain(house: House) -> int:
    gone = 0
    while batch := retire(house.ctx, house.town.group_id):
        gone += batch
    return gone


def due(house: House) -> dict[str, tuple[int, int]]:
    found = foresee(house.ctx, house.town.group_id)
    return {one.kind.name: (one.due.due, one.due.held) for one in found if any(one.due)}


def hold(house: House, kind: str, subject: Any = None) -> Any:
    ada = house.town.sign_in("ada")
    return place_hold(house.ctx, ada, kind, subject, reason="claim 7", counsel="R. Vance")


def words_left(house: House, number: str) -> int:
    return int(
        house.ask(
            "select count(*) from texts where contact_id = %s and length(body_ct) > 0",
            contact_of(house, number),
        )[0][0]
    )


def add_a_note(house: House) -> None:
    talk = house.ask("select id from conversations where contact_id = %s", contact_of(house, DANA))[
        0
    ][0]
    add_note(house.ctx, house.town.sign_in("ben"), talk, "Ask for the winter tyres")


def is_whole(house: House) -> bool:
    from lotline.actions.sequence import sequence

    sequence(house.ctx, house.town.group_id)
    done = audit_log(house.ctx, house.town.group_id)
    assert done.faults == []
    return done.whole


def test_nothing_goes_before_its_time_and_everything_after_it_but_stops(house: House) -> None:
    add_a_note(house)
    assert due(house) == {}
    assert drain(house) == 0
    standing = dict(house.ask("select number_hash, level from contacts where level = 'out'"))
    assert standing
    entries = house.ask("select count(*) from consent_entries")[0][0]
    age(house, 7)
    before = due(house)
    assert before["customers"] == (4, 0)
    assert {"texts", "notes", "arrivals"} <= before.keys()
    assert drain(house) > 0
    assert due(house) == {}
    assert house.ask("select count(*) from contacts where key_wrapped is not null")[0][0] == 0
    assert house.ask("select count(*) from notes")[0][0] == 0
    assert house.ask("select count(*) from arrivals where length(raw_ct) > 0")[0][0] == 0
    assert house.ask("select count(*) from consent_entries")[0][0] == entries
    after = dict(house.ask("select number_hash, level from contacts where level = 'out'"))
    assert after == standing, "whoever stopped is still known by their number"
    assert is_whole(house)
    runs = {row[0] for row in house.ask("select class from retention_runs")}
    assert {"customers", "notes", "arrivals"} <= runs


def test_words_of_somebody_who_still_texts_go_alone(house: House) -> None:
    age(house, 7)
    house.text_in(DANA, "Still here after all these years")
    dana = contact_of(house, DANA)
    assert drain(house) > 0
    old = "select count(*) from texts where contact_id = %s and created_at < %s and body_ct <> ''"
    assert house.ask(old, dana, house.town.clock.at)[0][0] == 0
    assert words_left(house, DANA) > 0, "what is new stays"
    assert is_whole(house)
    made = export_evidence(house.ctx, house.town.sign_in("ada"), dana, purpose="x")
    assert made.changed == ()
    assert verify_bundle(made.data).problems == ()
    assert SAID[0] not in made.data.decode()
    assert "Still here" in made.data.decode()
    house.ask("update texts set body_ct = '\\x01' where length(body_ct) = 0 returning 1")
    assert audit_log(house.ctx, house.town.group_id).whole, "nobody can tell what is gone"
    house.ask("update access_acts set detail = '{}' where what = 'words_retired' returning 1")
    assert not audit_log(house.ctx, house.town.group_id).whole, "but what says so is held"


@pytest.mark.parametrize("kind", ["customer", "member", "line", "company"])
def test_a_hold_wins_over_age(house: House, kind: str) -> None:
    town = house.town
    about = {
        "customer": contact_of(house, DANA),
        "member": town.members["ben"],
        "line": town.lines["sales"],
        "company": None,
    }[kind]
    dana, joy, marcus = (contact_of(house, one) for one in (DANA, JOY, MARCUS))
    hold(house, kind, about)
    age(house, 7)
    drain(house)
    kept = {one[0] for one in house.ask("select id from contacts where key_wrapped is not null")}
    assert dana in kept
    assert words_left(house, DANA) > 0
    assert (joy in kept) is (kind != "customer")
    assert (marcus in kept) is (kind == "company")
    assert due(house)["customers"][1] == len(kept)


def test_a_hold_that_ends_lets_go_what_it_kept(house: House) -> None:
    held = hold(house, "company")
    age(house, 7)
    house.text_in(DANA, "Still here")
    assert drain(house) == 0
    lift_hold(house.ctx, house.town.sign_in("ada"), held, reason="settled")
    assert drain(house) > 0
    assert words_left(house, DANA) == 1
    assert is_whole(house)


def test_an_erasure_waits_for_the_hold_and_is_done_after_it(house: House) -> None:
    ada, dana = house.town.sign_in("ada"), contact_of(house, DANA)
    held = hold(house, "member", house.town.members["ben"])
    assert contacts.erase(house.ctx, ada, dana) == "waits"
    with pytest.raises(Refused, match="legal hold"):
        erase_by_command(house.ctx, house.town.group_id, dana, "asked")
    assert words_left(house, DANA) > 0
    with house.ctx.db.transaction(house.town.group_id) as tx:
        (waiting,) = load_waiting(tx)
        assert (waiting.name, waiting.held) == (NAMES[DANA], True)
        (listed,) = load_holds(tx, house.town.sign_in("noor"))
        assert (listed.about, listed.counsel, listed.lifted_at) == (
            "Ben Ostrander",
            "R. Vance",
            None,
        )
        assert load_holds(tx, house.town.sign_in("mo")) == []
    assert erase_waiting(house.ctx, house.town.group_id) == 0
    lift_hold(house.ctx, ada, held, reason="settled")
    with pytest.raises(Refused):
        lift_hold(house.ctx, ada, held, reason="again")
    assert erase_waiting(house.ctx, house.town.group_id) == 1
    assert erase_waiting(house.ctx, house.town.group_id) == 0
    assert house.ask("select key_wrapped from contacts where id = %s", dana) == [(None,)]
    assert is_whole(house)
    acts = {row[0] for row in house.ask("select what from access_acts")}
    assert {"hold_placed", "hold_lifted", "erasure_waits", "erased"} <= acts


def test_who_may_and_what_may_be_said(house: House) -> None:
    town = house.town
    for who in ("mo", "ben", "noor"):
        viewer = town.sign_in(who)
        with pytest.raises(NotAllowed):
            place_hold(house.ctx, viewer, "company", None, reason="x", counsel="y")
        with pytest.raises(NotAllowed):
            choose(house.ctx, viewer, "texts", 80)
    ada = town.sign_in("ada")
    for kind, about, reason in (
        ("company", town.members["ben"], "x"),
        ("line", None, "x"),
        ("company", None, " "),
    ):
        with pytest.raises(Refused):
            place_hold(house.ctx, ada, kind, about, reason=reason, counsel="y")
    with pytest.raises(NotYours):
        hold(house, "line", town.members["ben"])
    texts = next(one for one in load_records()[0] if one.name == "texts")
    for name, months in (
        ("texts", texts.floor - 1),
        ("texts", 0),
        ("nothing", 80),
        ("texts", 9999),
    ):
        with pytest.raises(Refused):
            choose(house.ctx, ada, name, months)
    choose(house.ctx, ada, "texts", texts.floor)
    choose(house.ctx, ada, "customers", None)
    by_name = {one.kind.name: one for one in foresee(house.ctx, town.group_id)}
    assert by_name["texts"].months == texts.floor
    assert by_name["customers"].before is None
    age(house, 30)
    drain(house)
    assert words_left(house, DANA) == 0
    assert house.ask("select count(*) from contacts where key_wrapped is null")[0][0] == 0


def test_two_workers_and_a_crash_in_the_middle(house: House, tmp_path: Any) -> None:
    age(house, 7)
    for number in NAMES:
        house.text_in(number, "Again")
    group = house.town.group_id

    class Dead(Exception):
        pass

    left = iter(range(3))

    def new_id() -> UUID:
        if next(left, None) is None:
            raise Dead
        return house.ctx.new_id()

    broken = replace(house.ctx, new_id=new_id)
    with pytest.raises(Dead):
        retire(broken, group)
    assert is_whole(house)
    with ThreadPoolExecutor(2) as both:
        totals = list(both.map(lambda _: drain(house), range(2)))
    drain(house)
    assert sum(totals) > 0
    assert due(house) == {}
    assert is_whole(house)


def test_the_command(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    age(house, 7)
    assert command.run(house.ctx, ["--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "Customers whom nobody texts any more: kept 72 months" in said
    assert "4 due, 0 under a legal hold" in said
    assert house.ask("select count(*) from contacts where key_wrapped is null")[0][0] == 0
    assert command.run(house.ctx, ["--now"]) == 0
    assert house.ask("select count(*) from contacts where key_wrapped is null")[0][0] == 4


def test_young_notes_and_calls_stay_whoever_asks(house: House) -> None:
    """Past the application: the way to let them go knows their age by itself."""
    add_a_note(house)
    ids = [row[0] for row in house.ask("select id from notes")]
    with house.ctx.db.transaction(house.town.group_id) as tx:
        assert tx.only("retention.retire_notes", ids=ids).n == 0
        calls = [row[0] for row in house.ask("select id from arrivals")]
        assert tx.only("retention.retire_arrivals", ids=calls).n == 0
