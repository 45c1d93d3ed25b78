"""Keys are rotated under load, cut off anywhere and gone on with; nothing is ever unreadable."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lotline.actions import push, rotation
from lotline.actions.audit import audit_log
from lotline.actions.erase import erase_by_command
from lotline.actions.evidence import export_by_command
from lotline.actions.review import stop_sender
from lotline.actions.rotation import load_state, retire, rotate_group, rotate_root
from lotline.actions.search import search
from lotline.actions.sequence import sequence
from lotline.cli import keys as command
from lotline.core.base.sealing import UnknownKey
from lotline.core.messaging.search import read_search
from lotline.core.oversight.verify import verify_bundle
from lotline.core.people.push import base64url, public_of
from lotline.store import keys as kept_keys
from lotline.store.review import load_stop
from tests.actions.house import House
from tests.ops.past import DANA, JOY, NAMES, SAID, contact_of
from tests.town import make_context

_lanes = itertools.count(50)


def no_second_steps(root: object) -> int:
    """Sign-in's own tables are asked in tests/web."""
    return 0


class Killed(BaseException):
    """As `kill -9` would end it: nothing after this point runs."""


def at_once(seconds: float) -> None:
    """Nobody else has the keys open."""


def quiet(said: str) -> None:
    pass


def reads(house: House) -> None:
    """Everything opens, as a program that starts now would open it."""
    clock = house.town.clock
    fresh = make_context(house.database.app, key_folder(house), clock=clock, lane=next(_lanes))
    try:
        made = export_by_command(
            fresh, house.town.group_id, contact_of(house, DANA), purpose="x", name="operator"
        )
    finally:
        fresh.db.close()
    assert verify_bundle(made.data).whole
    assert made.changed == ()
    for words in (NAMES[DANA], *SAID[:3]):
        assert words in made.data.decode()


def key_folder(house: House) -> Path:
    root: Any = house.ctx.ring.root
    folder: Path = root._path.parent
    return folder


def forget_open_keys(house: House) -> None:
    kept: Any = house.ctx.db.keys
    kept.forget(house.town.group_id)


def test_the_group_key(house: House) -> None:
    group = house.town.group_id
    rotate_group(house.ctx, group, at_once, quiet)
    reads(house)
    state = load_state(house.ctx, group)
    assert (state.contacts, state.older) == (4, 0)
    assert state.held_back == 1, "the signature is never changed"
    sequence(house.ctx, group)
    assert audit_log(house.ctx, group).faults == []
    whats = [row[0] for row in house.ask("select what from access_acts order by id")]
    steps = [what for what in whats if what.startswith("group_key")]
    assert steps == ["group_key_added", "group_key_promoted", "group_key_rewrapped"]


def test_whoever_slept_through_it_fails_once_and_goes_on(house: House) -> None:
    contact_of(house, DANA)  # the keys are open here, as they were before
    elsewhere = make_context(
        house.database.app, key_folder(house), clock=house.town.clock, lane=next(_lanes)
    )
    try:
        rotate_group(elsewhere, house.town.group_id, at_once, quiet)
    finally:
        elsewhere.db.close()
    with pytest.raises(UnknownKey):
        contact_of(house, DANA)
    contact_of(house, DANA)


def test_every_sealed_column_of_the_company_is_sealed_again(house: House) -> None:
    """A column added later and forgotten by the rotation is noticed here."""
    contacts_own = {
        *("contacts.number_ct", "contacts.name_ct", "contacts.place_shown_ct", "contacts.zip_ct"),
        *("contacts.card_ct", "consent_entries.proof_ct", "texts.body_ct", "texts.added_ct"),
        *("notes.body_ct", "drafts.body_ct", "contacts.former_name_ct"),
        *("bringing_texts.body_ct", "brought_texts.body_ct", "flag_reviews.said_ct"),
    }
    never_changed = {
        "access_reviews.signed_name_ct",
        "policy_signatures.signed_name_ct",
        "policies.counsel_ct",
        "arrivals.raw_ct",
    }
    wrapped_by_root = {"groups.keyset_ct", "groups.blind_ct", "groups.signer_ct"}
    there = {
        f"{table}.{column}"
        for table, column in house.ask(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and column_name like '%%\\_ct'"
        )
    }
    from lotline.store.database import statements

    held_back = statements()["rotation.held_back"].sql
    for place in never_changed:
        table, _, column = place.partition(".")
        assert f"from {table}" in held_back, f"{place} may keep an older key, and nobody counts it"
        assert f"substr({column}" in held_back
    again = set(re.findall(r"'(\w+\.\w+_ct)'", statements()["rotation.words"].sql))
    assert there - contacts_own - never_changed - wrapped_by_root == again
    for place in again:
        assert f"rotation.put_{place.replace('.', '_')}" in statements()


@pytest.mark.parametrize("killed_at", range(7))
def test_cut_off_anywhere_it_goes_on(
    house: House, killed_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = itertools.count()

    def dying(do: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            if next(moments) == killed_at:
                raise Killed
            return do(*given, **named)

        return step

    names = ("_add", "_promote", "_contacts", "_words", "_note")
    with monkeypatch.context() as patched:
        for name in names:
            patched.setattr(rotation, name, dying(getattr(rotation, name)))
        with pytest.raises(Killed):
            rotate_group(house.ctx, house.town.group_id, at_once, quiet)
    forget_open_keys(house)
    reads(house)
    rotate_group(house.ctx, house.town.group_id, at_once, quiet)
    forget_open_keys(house)
    reads(house)
    added = house.ask("select count(*) from access_acts where what = 'group_key_added'")
    assert added == [(1,)], "gone on with, not begun anew"


def test_others_read_and_write_all_the_while(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of its own keeps its keys open for a while, as every process does."""
    monkeypatch.setattr(kept_keys, "KEPT_OPEN_S", 0.3)
    monkeypatch.setattr(rotation, "SLACK_S", 0.2)
    other = make_context(house.database.app, key_folder(house), clock=house.town.clock, lane=9)
    busy = House(
        type(house.town)(**{**vars(house.town), "ctx": other}),
        house.carrier,
        house.database,
        _sids=itertools.count(5000),
        _taps=itertools.count(5000),
    )
    over = threading.Event()
    faults: list[BaseException] = []
    rounds = itertools.count()

    def live() -> None:
        try:
            while not over.is_set():
                n = next(rounds)
                busy.text_in(f"+1614555{150 + n % 40:04d}", f"Round {n}")  # often a new contact
                busy.text_in(DANA, f"And another thing, {n}")
        except BaseException as fault:  # noqa: BLE001  # whatever it is, the test is to see it
            faults.append(fault)

    thread = threading.Thread(target=live)
    thread.start()
    try:
        wait = threading.Event().wait
        for _ in range(2):
            rotate_group(house.ctx, house.town.group_id, wait, quiet)
            rotate_root(house.ctx, no_second_steps)
    finally:
        over.set()
        thread.join()
        other.db.close()
    assert faults == []
    assert next(rounds) > 5
    retire(house.ctx, no_second_steps, now=True)
    reads(house)
    assert load_state(house.ctx, house.town.group_id).older == 0
    sequence(house.ctx, house.town.group_id)
    assert audit_log(house.ctx, house.town.group_id).faults == []


def test_a_contact_erased_in_the_middle_stays_erased(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their key was read to be wrapped anew, and forgotten before it was written back."""
    from lotline.store import rotation as rows

    rewrap = rows.rewrap_contacts
    who = contact_of(house, JOY)

    def slow(tx: Any, keys: Any, after: Any) -> Any:
        class Between:
            def __getattr__(self, name: str) -> Any:
                return getattr(tx, name)

            def run(self, name: str, /, **given: Any) -> int:
                if name == "rotation.rewrap_contacts":
                    erase_by_command(house.ctx, house.town.group_id, who, "asked")
                done: int = tx.run(name, **given)
                return done

        return rewrap(Between(), keys, after)  # type: ignore[arg-type]  # a Tx with somebody between

    monkeypatch.setattr(rotation, "rewrap_contacts", slow)
    rotate_group(house.ctx, house.town.group_id, at_once, quiet)
    assert house.ask("select key_wrapped from contacts where id = %s", who) == [(None,)]


def test_the_root_key(house: House) -> None:
    root: Any = house.ctx.ring.root
    before = root.names
    done = rotate_root(house.ctx, no_second_steps)
    assert root.names == (*before, done.name)
    assert load_state(house.ctx, house.town.group_id).root_current
    reads(house)
    gone = retire(house.ctx, no_second_steps, now=True)
    assert gone.roots == before
    assert root.names == (done.name,)
    reads(house)


def test_a_root_rotation_cut_off_is_gone_on_with(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_rewrap", killed)
        with pytest.raises(Killed):
            rotate_root(house.ctx, no_second_steps)
    root: Any = house.ctx.ring.root
    assert len(root.names) == 2
    forget_open_keys(house)
    reads(house)
    assert retire_refuses(house), "while something needs the older key, it stays"
    done = rotate_root(house.ctx, no_second_steps)
    assert done.resumed
    assert len(root.names) == 2
    assert not retire_refuses(house)
    reads(house)


def retire_refuses(house: House) -> bool:
    return retire(house.ctx, no_second_steps, now=True).roots == ()


def test_an_older_key_goes_only_when_nothing_needs_it(house: House) -> None:
    group = house.town.group_id
    rotate_group(house.ctx, group, at_once, quiet)
    early = retire(house.ctx, no_second_steps, now=False)
    assert "less than an hour ago" in early.stays[0]
    held = retire(house.ctx, no_second_steps, now=True)
    assert "1 signatures, 0 acts and 0 calls are never changed" in held.stays[0]
    house.ask("delete from policy_signatures returning 1")
    assert retire(house.ctx, no_second_steps, now=True).groups == 1
    forget_open_keys(house)
    reads_texts = house.text_in(DANA, "Still here")
    assert reads_texts.text_id is not None


def test_words_sealed_in_an_act_keep_their_key(house: House) -> None:
    """Why a manager stopped somebody, and what they looked for: an act is never written again."""
    group, town = house.town.group_id, house.town
    mo, ben = town.sign_in("mo"), town.members["ben"]
    assert stop_sender(house.ctx, mo, ben, "Promised a price.")
    search(house.ctx, mo, read_search("truck"), rules={}, zone=ZoneInfo("UTC"))
    house.ask("delete from policy_signatures returning 1")
    rotate_group(house.ctx, group, at_once, quiet)
    held = retire(house.ctx, no_second_steps, now=True)
    forget_open_keys(house)
    assert (held.groups, load_state(house.ctx, group).held_back) == (0, 2)
    assert "0 signatures, 2 acts and 0 calls are never changed" in held.stays[0]
    with house.ctx.db.transaction(group) as tx:
        stopped = load_stop(tx, ben)
    assert stopped is not None
    assert stopped.said == "Promised a price."


def test_the_command_shows_what_there_is(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(house.ctx, ["show"]) == 0
    said = capsys.readouterr().out
    assert "elmdock.example+" in said
    assert "4, of them 0 under an older key" in said
    root: Any = house.ctx.ring.root
    for secret in root._content.keys.values():
        assert secret.hex() not in said
    with pytest.raises(SystemExit):
        command.run(house.ctx, ["polish"])


def test_notices_go_on_under_new_keys(house: House) -> None:
    """Browsers hold on to the company's key and take nothing signed with another."""
    ben, group = house.town.sign_in("ben"), house.town.group_id
    before = push.offer(house.ctx, ben)
    assert before is not None
    keys = {"p256dh": before.key, "auth": "A" * 22}  # any point of the curve is a browser's key
    push.subscribe(house.ctx, ben, {"endpoint": "https://push.example.com/ben", "keys": keys})
    push.try_own(house.ctx, ben)
    rotate_group(house.ctx, group, at_once, quiet)
    forget_open_keys(house)
    (one,) = push.claim_pushes(house.ctx, group, services=1, each=1)
    assert one.push.way.endpoint == "https://push.example.com/ben"
    assert base64url(public_of(one.push.signing)) == before.key
    after = push.offer(house.ctx, ben)
    assert after is not None
    assert (after.key, after.on) == (before.key, True)
