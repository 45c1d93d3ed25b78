"""Erased is erased: nothing of the person opens, the log stays whole, and a stop outlives them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lotline.actions.audit import audit_log
from lotline.actions.dispatch import prepare
from lotline.actions.erase import erase_again, erase_by_command, list_erasures
from lotline.actions.errors import Refused
from lotline.actions.evidence import export_by_command
from lotline.actions.outcome import record_outcomes
from lotline.actions.sequence import sequence
from lotline.cli import erase as command
from lotline.core.carriers.port import Media, ReceiptWord, RefusalKind
from lotline.core.carriers.port import Refused as CarrierRefused
from lotline.core.ledger.checkpoint import read_public_key
from lotline.core.oversight.verify import verify_bundle
from lotline.store.barrier import handing_over
from lotline.store.contacts import find_contact
from tests.actions.house import House
from tests.ops.past import DANA, JOY, MARCUS, NAMES, contact_of


def erase(house: House, number: str) -> None:
    assert erase_by_command(house.ctx, house.town.group_id, contact_of(house, number), "asked")


def is_known(house: House, number: str) -> bool:
    with house.ctx.db.transaction(house.town.group_id) as tx:
        return find_contact(tx, number) is not None


def test_an_older_bundle_still_verifies_and_a_new_one_is_refused(house: House) -> None:
    who = contact_of(house, DANA)
    given = (house.ctx, house.town.group_id, who)
    made = export_by_command(*given, purpose="before", name="operator")
    erase(house, DANA)
    sequence(house.ctx, house.town.group_id)
    report = verify_bundle(made.data, [read_public_key(made.key)])
    assert report.whole
    assert audit_log(house.ctx, house.town.group_id).faults == []
    with pytest.raises(Refused, match="erased"):
        export_by_command(*given, purpose="after", name="operator")


def test_nothing_of_the_person_is_left_in_their_row(house: House) -> None:
    who = contact_of(house, DANA)
    erase(house, DANA)
    row = house.ask(
        "select key_wrapped, number_ct, name_ct, name_tokens, zip_ct, card_ct, place_shown_ct,"
        " area_code, bought_on, asked_on from contacts where id = %s",
        who,
    )[0]
    assert [bytes(one) if isinstance(one, memoryview) else one for one in row] == [
        None, b"", b"", [], None, None, None, None, None, None
    ]  # fmt: skip


def test_where_their_pictures_are_is_forgotten(house: House) -> None:
    photo = Media("https://carrier.example/media/ME1", "image/png")
    house.text_in(DANA, "My licence", media=(photo,))
    house.text_in(JOY, "The coupe", media=(photo,))
    dana, joy = contact_of(house, DANA), contact_of(house, JOY)
    pictures = "select count(*)::int from texts where media <> '[]' and contact_id = %s"
    assert house.ask(pictures, dana) == house.ask(pictures, joy) == [(1,)]
    erase(house, DANA)
    assert house.ask(pictures, dana) == [(0,)]
    assert house.ask(pictures, joy) == [(1,)], "theirs, and nobody else's"


def test_whoever_stopped_stays_stopped_and_whoever_did_not_is_unknown(house: House) -> None:
    """An opt-out is kept for ever; nothing else of a number is."""
    for number in (DANA, JOY, MARCUS):
        erase(house, number)
    assert not is_known(house, DANA)
    assert not is_known(house, MARCUS), "they came back with START, so no stop stands"
    assert is_known(house, JOY)
    met = house.town.meet(JOY, "Somebody", by="ben", line="sales", how="in_person")
    assert met == house.conversation(JOY)
    said = house.tap(JOY, "Our spring offer is here, 20% off all week!", purpose="offer")
    assert said.decision.verdict == "block"
    assert said.decision.binding.rule.startswith("FED-REV")


@pytest.mark.parametrize("wrote_again", [True, False])
@pytest.mark.parametrize("late", ["receipt", "answer"])
def test_a_stop_that_the_carrier_tells_of_after_an_erasure_holds_for_the_number(
    house: House, late: str, *, wrote_again: bool
) -> None:
    """It is told of a text to somebody who is erased; the number may be somebody new already."""
    sent = house.tap(DANA, "See you at ten!")
    house.town.clock.pass_by(minutes=1)
    if late == "receipt":
        house.dispatch()
    else:
        ready = prepare(house.ctx, "w1", house.claim())
    erase(house, DANA)
    if wrote_again:
        house.text_in(DANA, "Hi, I'm looking for a truck")
        waiting = house.tap(DANA, "It is ready for pickup.", purpose="update", why="They asked.")
        assert waiting.state == "queued"
    if late == "receipt":
        house.receipt(sent.text_id, ReceiptWord.UNDELIVERED, code="21610", to=DANA)
    else:
        opted_out = CarrierRefused("21610", "They opted out.", RefusalKind.OPTED_OUT)
        record_outcomes(house.ctx, [(one, opted_out) for one in ready])
    if wrote_again:
        assert house.state(waiting.text_id) == "blocked"
    else:
        (left,) = house.ask("select number_ct, name_ct from contacts where key_wrapped is null")
        assert [bytes(one) for one in left] == [b"", b""], "of the number its hash, and no more"
        house.town.meet(DANA, "Somebody", by="ben", line="sales", how="in_person")
    said = house.tap(DANA, "Your car is ready for pickup.", purpose="update", why="They asked.")
    assert said.decision.verdict == "block"
    sequence(house.ctx, house.town.group_id)
    assert audit_log(house.ctx, house.town.group_id).faults == []


def test_an_erasure_waits_for_what_is_in_a_carriers_hands(house: House) -> None:
    """Whoever writes STOP from that number afterwards is somebody else, with another gate."""
    with ThreadPoolExecutor(1) as other:
        with handing_over(house.ctx.db, [contact_of(house, DANA)]):
            erasing = other.submit(erase, house, DANA)
            with pytest.raises(TimeoutError):
                erasing.result(timeout=0.3)
            assert is_known(house, DANA)
        erasing.result(timeout=5)
    assert not is_known(house, DANA)


def test_who_writes_again_begins_anew(house: House) -> None:
    before = contact_of(house, DANA)
    erase(house, DANA)
    house.text_in(DANA, "Hi, I'm looking for a truck")
    assert contact_of(house, DANA) != before
    erase(house, JOY)
    house.text_in(JOY, "Hi again")
    sequence(house.ctx, house.town.group_id)
    assert audit_log(house.ctx, house.town.group_id).faults == []
    made = export_by_command(
        house.ctx, house.town.group_id, contact_of(house, JOY), purpose="x", name="operator"
    )
    assert verify_bundle(made.data).whole
    assert made.shut > 3
    assert not any(words in made.data.decode() for words in (NAMES[JOY], "winter tyre"))


def test_what_waits_for_them_never_leaves(house: House) -> None:
    waiting = house.tap(DANA, "See you at ten!")
    erase(house, DANA)
    house.town.clock.pass_by(minutes=2)
    assert house.dispatch() == []
    assert house.state(waiting.text_id) in {"blocked", "cancelled"}


def test_a_call_of_theirs_that_nobody_could_place_loses_its_words(house: House) -> None:
    from lotline.actions.turn_away import turn_away

    for raw in ("From=%2B16145550142&Body=hello", "From=%2B16145550199&Body=hello"):
        turn_away(
            house.ctx,
            group_id=house.town.group_id,
            carrier="twilio",
            account="AC1",
            reason="no_such_line",
            raw=raw,
        )
    erase(house, DANA)
    sizes = house.ask("select length(raw_ct) > 0 from turned_away order by id")
    assert sizes == [(False,), (True,)]


def test_erasing_twice_is_erasing_once(house: House) -> None:
    who = contact_of(house, DANA)
    erase(house, DANA)
    assert not erase_by_command(house.ctx, house.town.group_id, who, "asked")
    assert erase_again(house.ctx, list_erasures(house.ctx)) == 0
    assert len(house.ask("select id from access_acts where what = 'erased'")) == 1


def test_the_command(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--number", DANA, "--reason", "asked"]
    assert command.run(house.ctx, words) == 2
    assert is_known(house, DANA), "nothing happens without --yes"
    assert command.run(house.ctx, [*words, "--yes"]) == 0
    assert not is_known(house, DANA)
    capsys.readouterr()
    assert command.run(house.ctx, ["--list"]) == 0
    listed = capsys.readouterr().out
    assert set(json.loads(listed)) == {"group", "contact", "at"}
    kept = tmp_path / "erasures"
    kept.write_text(listed)
    assert command.run(house.ctx, ["--again", str(kept)]) == 0
    assert "0 of 1" in capsys.readouterr().out
