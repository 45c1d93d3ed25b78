"""A session opens, locks, wakes and ends; what has ended gets nothing from then on."""

from __future__ import annotations

from uuid import UUID

import pytest

from lotline.actions.devices import end_all, end_device, lock, open_device, touch, unlock
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.store.access import load_acts
from lotline.store.shown import Viewer
from lotline.store.stream import load_cursor, load_stream
from lotline.store.viewer import EndedSession, load_ended, load_viewer
from tests.town import Town


def viewer(town: Town, who: str, session: str) -> Viewer | None:
    return load_viewer(town.ctx.db, town.accounts[who], session, town.clock())


def test_an_ended_session_is_nobody_and_stays_so(town: Town) -> None:
    phone = town.sign_in("ben", "phone")
    desk = town.sign_in("ben", "desk")
    ended = end_device(town.ctx, desk, phone.device_id, "lost")
    assert ended.device_ids == (phone.device_id,)
    assert viewer(town, "ben", "phone") is None
    assert viewer(town, "ben", "desk") is not None
    with pytest.raises(NotYours):
        end_device(town.ctx, desk, phone.device_id)
    with pytest.raises(NotYours):
        unlock(town.ctx, phone)
    touch(town.ctx, phone)
    account = town.accounts["ben"]
    assert open_device(town.ctx, account, "phone") is None, "its key opens nothing again"
    assert viewer(town, "ben", "phone") is None


def test_the_same_session_is_one_device(town: Town) -> None:
    first = open_device(town.ctx, town.accounts["ben"], "phone", label="A", address="192.0.2.1")
    assert first is not None
    assert open_device(town.ctx, town.accounts["ben"], "phone", label="B") == first
    assert open_device(town.ctx, town.accounts["bea"], "phone") is None, "a key has one owner"
    assert viewer(town, "bea", "phone") is None


def test_an_account_without_a_seat_opens_nothing(town: Town) -> None:
    stranger = town.ctx.new_id()
    assert open_device(town.ctx, stranger, "phone") is None
    assert load_viewer(town.ctx.db, stranger, "phone") is None
    assert viewer(town, "ben", "never seen") is None


@pytest.mark.parametrize(
    "who,whom,no",
    [
        ("ben", "bea", NotYours),
        ("cy", "ben", NotYours),
        ("mo", "cy", NotYours),
        ("mo", "ada", NotYours),
        ("noor", "ben", NotAllowed),
    ],
)
def test_who_may_not_end_whose(town: Town, who: str, whom: str, no: type[Exception]) -> None:
    theirs, me = town.sign_in(whom, "theirs"), town.sign_in(who)
    with pytest.raises(no):
        end_device(town.ctx, me, theirs.device_id)
    with pytest.raises(no):
        end_all(town.ctx, me, theirs.member_id)
    assert viewer(town, whom, "theirs") is not None


@pytest.mark.parametrize("who,whom", [("ada", "ben"), ("ada", "noor"), ("mo", "bea")])
def test_a_lost_phone_is_ended_by_who_leads(town: Town, who: str, whom: str) -> None:
    for session in ("phone", "tablet"):
        town.sign_in(whom, session)
    ended = end_all(town.ctx, town.sign_in(who), town.members[whom], "lost")
    assert len(ended.device_ids) == 2
    assert viewer(town, whom, "phone") is viewer(town, whom, "tablet") is None
    ada = town.sign_in("ada", "another")
    with town.ctx.db.transaction(town.group_id) as tx:
        acts = [act for act in load_acts(tx, ada) if act.what == "device_ended"]
    assert {act.about_id for act in acts} == set(ended.device_ids)
    assert {act.detail["why"] for act in acts} == {"lost"}


def test_the_page_that_was_ended_can_say_who_did_it_and_when(town: Town) -> None:
    town.sign_in("ben", "phone")
    account = town.accounts["ben"]
    assert load_ended(town.ctx.db, account, "phone") is None, "it goes on"
    assert load_ended(town.ctx.db, account, "never") is None
    ended = end_all(town.ctx, town.sign_in("ada"), town.members["ben"], "lost")
    found = load_ended(town.ctx.db, account, "phone")
    assert found == EndedSession(ended.at, "lost", "owner", by_oneself=False)
    assert load_ended(town.ctx.db, town.accounts["bea"], "phone") is None, "not hers"
    desk = town.sign_in("ben", "desk")
    end_device(town.ctx, desk, desk.device_id)
    own = load_ended(town.ctx.db, account, "desk")
    assert own is not None
    assert own.by_oneself


def test_everywhere_but_here(town: Town) -> None:
    here = town.sign_in("ben", "here")
    town.sign_in("ben", "there")
    end_all(town.ctx, here, here.member_id, but_this=True)
    assert viewer(town, "ben", "here") is not None
    assert viewer(town, "ben", "there") is None


def test_the_open_page_hears_that_it_was_ended(town: Town) -> None:
    phone = town.sign_in("ben", "phone")
    ada = town.sign_in("ada")
    with town.ctx.db.transaction(town.group_id) as tx:
        start = load_cursor(tx)
    end_device(town.ctx, ada, phone.device_id, "lost")
    with town.ctx.db.transaction(town.group_id) as tx:
        heard = load_stream(tx, phone, start).events
        others = load_stream(tx, ada, start).events
    assert [(one.name, one.subject_id) for one in heard] == [("device.ended", phone.device_id)]
    assert others == []


def test_a_locked_screen_wakes_only_by_unlocking(town: Town) -> None:
    ben = town.sign_in("ben", "phone")
    lock(town.ctx, ben)
    assert locked(town) is True
    touch(town.ctx, ben)
    assert locked(town) is True
    unlock(town.ctx, ben)
    assert locked(town) is False


def test_using_it_keeps_it_open_and_leaving_it_does_not(town: Town) -> None:
    ben = town.sign_in("ben", "phone")
    for _ in range(4):
        town.clock.pass_by(minutes=14)
        touch(town.ctx, ben)
        assert locked(town) is False
    town.clock.pass_by(minutes=15)
    touch(town.ctx, ben)
    assert locked(town) is True, "a touch that comes too late wakes nothing"
    unlock(town.ctx, ben)
    assert locked(town) is False


@pytest.mark.parametrize("chosen,minutes", [(5, 5), (60, 60), (1, 5), (600, 60), (None, 15)])
def test_the_owner_says_how_long_within_bounds(
    town: Town, chosen: int | None, minutes: int
) -> None:
    if chosen is not None:
        with town.ctx.db.transaction(town.group_id) as tx:
            tx._conn.execute(f"update groups set settings = '{{\"idle_minutes\": {chosen}}}'")
    town.sign_in("ben", "phone")
    town.clock.pass_by(minutes=minutes, seconds=-1)
    assert locked(town) is False
    town.clock.pass_by(seconds=1)
    assert locked(town) is True


def test_a_locked_screen_can_still_sign_out_but_nobody_else(town: Town) -> None:
    ada, bea = town.sign_in("ada", "desk"), town.sign_in("bea", "phone")
    lock(town.ctx, ada)
    shut = viewer(town, "ada", "desk")
    assert shut is not None
    with pytest.raises(NotAllowed):
        end_device(town.ctx, shut, bea.device_id)
    end_device(town.ctx, shut, shut.device_id)
    assert viewer(town, "ada", "desk") is None


def test_ending_twice_at_once_is_said(town: Town) -> None:
    ben = town.sign_in("ben", "phone")
    end_device(town.ctx, ben, ben.device_id)
    with pytest.raises((NotYours, Refused)):
        end_device(town.ctx, ben, ben.device_id)


def locked(town: Town, who: str = "ben", session: str = "phone") -> bool:
    found = viewer(town, who, session)
    assert found is not None
    return found.locked


def test_ids_are_not_guessed(town: Town) -> None:
    with pytest.raises(NotYours):
        end_device(town.ctx, town.sign_in("ada"), UUID(int=7))
