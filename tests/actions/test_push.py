"""Who is told of a text on their device, what it says there, and that it ends with the session."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from lotline.actions.contacts import erase
from lotline.actions.conversations import assign, mark_read
from lotline.actions.devices import end_all, end_device, lock
from lotline.actions.errors import NotAllowed, Refused
from lotline.actions.leaving import Successor, let_go
from lotline.actions.members import choose, set_reach, suspend
from lotline.actions.push import claim_pushes, hear, limit, offer, subscribe, try_own, unsubscribe
from lotline.actions.tablets import share
from lotline.adapters.push import WebPush
from lotline.store.access import load_acts
from lotline.store.devices import load_devices
from lotline.workers.calls import AT_ONCE
from lotline.workers.push import Notices
from tests.actions.house import a_house
from tests.actions.told import Told
from tests.adapters.push_peer import PushService, a_push_service, signature, unb64
from tests.conftest import Database
from tests.store.test_unreadable import dump
from tests.town import LINES, MEMBERS

NAMES = ("Priya", "Ramnath", "Ostrander")
TRACES = (*NAMES, "6145550142", "614-555-0142", "555-0142", "marzipan", "coupe")


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with a_push_service() as made:
        yield made


@pytest.fixture
def told(db: Database, tmp_path: Path, service: PushService) -> Iterator[Told]:
    with a_house(db, tmp_path) as house:
        chosen = replace(house.ctx.settings, private_webhooks=True)
        house.town.ctx = replace(house.ctx, settings=chosen)
        offer(house.ctx, house.town.sign_in("ada"))
        worker = Notices(house.ctx, WebPush(private=True))
        yield Told(house, service, worker)
        worker.close()


def test_a_text_is_told_and_nothing_of_it_leaves(told: Told) -> None:
    """In clear, sealed, in a header, in the address: no name, no number, no word."""
    viewer, phone = told.takes("ben")
    talk = told.talk(to="ben")
    for chosen, title in (
        ("none", "Lotline"),
        ("line", "Elm sales"),
        ("initials", "Elm sales: PR"),
    ):
        choose(told.ctx, viewer, notify=chosen)
        told.texts(talk)
        (call,) = told.ring(40)
        plain = phone.open(call.body)
        assert phone.read(call.body)["t"] == title
        everything = b"\n".join(
            (call.path.encode(), repr(call.headers).encode(), call.body, plain)
        ).decode("latin-1")
        for trace in TRACES:
            assert trace not in everything, trace
            assert trace.lower() not in plain.decode().lower(), trace
        claims, key = signature(call)
        assert claims["aud"] == told.service.url
        found = offer(told.ctx, viewer)
        assert found is not None
        assert unb64(found.key) == key
    limit(told.ctx, told.house.town.sign_in("ada"), "line")
    told.texts(talk)
    (call,) = told.ring(40)
    assert phone.read(call.body)["t"] == "Elm sales", "the owner's word holds from the next one on"


def test_ten_texts_are_one_notice(told: Told) -> None:
    _, phone = told.takes("ben")
    talk = told.talk(to="ben")
    for n in range(10):
        told.texts(talk, f"And {n}?")
    (first,) = told.ring()
    told.texts(talk, "Hello?")
    assert told.ring() == [], "the next waits half a minute"
    told.texts(talk, "Anybody?")
    (second,) = told.ring(40)
    assert phone.read(first.body) == phone.read(second.body)
    assert phone.read(first.body)["g"] == str(talk), "the tag: one place on the screen"
    assert first.headers["topic"] == second.headers["topic"], "one place at the push service"
    assert len(first.headers["topic"]) <= 32
    assert str(talk) not in first.headers["topic"]
    other = told.talk("+16145550143", to="ben")
    told.texts(other)
    (third,) = told.ring()
    assert third.headers["topic"] != first.headers["topic"]
    assert told.ring(40) == []


def test_who_read_it_meanwhile_hears_nothing(told: Told) -> None:
    viewer, _ = told.takes("ben")
    talk = told.talk(to="ben")
    told.texts(talk)
    told.worker.step()
    mark_read(told.ctx, viewer, talk)
    assert told.ring() == []
    told.texts(talk)
    assert len(told.ring()) == 1
    mark_read(told.ctx, viewer, talk)
    told.texts(talk)
    assert len(told.ring()) == 1, "what was read makes nobody wait"


def test_whom_a_text_is_for(told: Told) -> None:
    """Its owner; else all who work on its line. Who only looks hears of nothing."""
    whose = {
        told.takes(who)[1].endpoint.rpartition("/push/")[2]: who for who in MEMBERS if who != "noor"
    }

    def heard() -> set[str]:
        return {whose[call.path.removeprefix("/push/")] for call in told.ring(40)}

    with pytest.raises(NotAllowed):
        told.takes("noor")
    assert offer(told.ctx, told.house.town.sign_in("noor")) is None
    ada = told.house.town.sign_in("ada")
    talks = {line: told.talk(f"+1614555015{n}", line=line) for n, line in enumerate(LINES)}
    expected = {
        "sales": {"ada", "mo", "ben"},
        "service": {"ada", "mo", "bea"},
        "dock": {"ada", "cy"},
    }
    for line, talk in talks.items():
        told.texts(talk)
        assert heard() == expected[line], line
    assign(told.ctx, ada, talks["sales"], told.house.town.members["ben"])
    told.texts(talks["sales"])
    assert heard() == {"ben"}
    told.texts(talks["sales"])
    told.worker.step()
    assign(told.ctx, ada, talks["sales"], told.house.town.members["mo"])
    assert heard() == set(), "given away before it was told"
    told.texts(talks["sales"])
    assert heard() == {"mo"}
    told.texts(talks["service"])
    told.worker.step()
    set_reach(told.ctx, ada, told.house.town.members["bea"], line_ids=[])
    assert heard() == {"ada", "mo"}


@pytest.mark.parametrize("how", ["lost", "one", "suspended", "left", "off", "tablet"])
def test_it_ends_with_the_session_also_what_was_due(told: Told, how: str) -> None:
    town, ada = told.house.town, told.house.town.sign_in("ada")
    viewer, _ = told.takes("ben", "phone")
    desk, _ = told.takes("ben", "desk")
    talk = told.talk(to="ben")
    told.texts(talk)
    told.worker.step()
    alive = 1
    if how == "lost":
        end_all(told.ctx, ada, viewer.member_id, "lost")
        alive = 0
    elif how == "one":
        end_device(told.ctx, desk, viewer.device_id)
    elif how == "suspended":
        suspend(told.ctx, ada, viewer.member_id)
        alive = 0
    elif how == "left":
        let_go(told.ctx, ada, viewer.member_id, Successor())
        alive = 0
    elif how == "off":
        unsubscribe(told.ctx, viewer)
    else:
        with told.ctx.db.transaction(town.group_id) as tx:
            tx._conn.execute(
                "update devices set tablet_id = %s where id = %s",
                (share(told.ctx, ada, "Showroom", "secret"), viewer.device_id),
            )
    rang = told.ring()
    assert len(rang) == alive
    if how != "tablet":
        assert told.house.ask("select count(*)::int from push_subscriptions") == [(alive,)]
    if how in {"one", "off", "tablet"}:
        assert str(desk.device_id) in rang[0].path
    else:
        with pytest.raises(Refused):
            subscribe(told.ctx, viewer, told.service.phone("again").said())


def test_a_locked_phone_is_still_told(told: Told) -> None:
    """It lies in a pocket: what shows there says no more than before."""
    viewer, _ = told.takes("ben")
    talk = told.talk(to="ben")
    lock(told.ctx, viewer)
    told.texts(talk)
    assert len(told.ring()) == 1


def test_one_browser_is_there_once(told: Told) -> None:
    """Signed in anew it is the same browser; its older session is told nothing beside it."""
    _, phone = told.takes("ben", "monday")
    tuesday = told.house.town.sign_in("ben", "tuesday")
    subscribe(told.ctx, tuesday, phone.said())
    subscribe(told.ctx, tuesday, phone.said())
    talk = told.talk(to="ben")
    told.texts(talk)
    assert len(told.ring()) == 1
    with told.ctx.db.transaction(tuesday.group_id) as tx:
        cards = load_devices(tx, tuesday, tuesday.member_id, told.ctx.now())
    assert {one.id for one in cards if one.notices} == {tuesday.device_id}


@pytest.mark.parametrize("status", [404, 410])
def test_whoever_is_gone_is_not_called_again(told: Told, status: int) -> None:
    viewer, phone = told.takes("ben")
    told.service.says[phone.endpoint.removeprefix(told.service.url)] = status
    talk = told.talk(to="ben")
    told.texts(talk)
    assert len(told.ring()) == 1
    told.texts(talk)
    assert told.ring(40) == []
    found = offer(told.ctx, viewer)
    assert found is not None
    assert not found.on, "and the page says so"
    with told.ctx.db.transaction(viewer.group_id) as tx:
        acts = [one.what for one in load_acts(tx, told.house.town.sign_in("ada"))]
    assert {"push_on", "push_gone"} <= set(acts)


def test_what_is_not_taken_is_tried_later_and_given_up(told: Told) -> None:
    _, phone = told.takes("ben")
    path = phone.endpoint.removeprefix(told.service.url)
    told.service.says[path] = 503
    talk = told.talk(to="ben")
    told.texts(talk)
    assert len(told.ring()) == 1
    assert told.ring(5) == [], "a pause first"
    told.service.says[path] = 201
    assert len(told.ring(60)) == 1
    told.service.says[path] = 503
    told.texts(talk)
    assert sum(len(told.ring(5000)) for _ in range(9)) == 6
    assert told.house.ask("select count(*)::int from push_notices where waiting") == [(0,)]
    told.service.says[path] = 201
    told.texts(talk)
    told.worker.step()
    told.house.town.clock.pass_by(hours=13)
    assert told.ring() == [], "nobody needs to hear of what is half a day old"


def test_a_slow_push_service_holds_up_no_other(told: Told, service: PushService) -> None:
    """Ten are due at the slow one, and earlier; the other is told at once."""
    over = threading.Event()
    talk = told.talk()
    with a_push_service() as slow:
        for n in range(10):
            viewer = told.house.town.sign_in("ben", f"phone {n}")
            phone = slow.phone(f"{n}")
            slow.slow[f"/push/{n}"] = over
            # A name of its own for this machine: another push service.
            said = phone.said() | {"endpoint": phone.endpoint.replace("127.0.0.1", "localhost")}
            subscribe(told.ctx, viewer, said)
        told.texts(talk)
        told.worker.step()
        _, quick = told.takes("mo")
        told.texts(talk)
        hear(told.ctx, told.house.town.group_id)
        told.house.town.clock.pass_by(seconds=4)
        worker = Notices(told.ctx, WebPush(private=True), patience_s=0.05)
        began = time.monotonic()
        while not service.of(quick) and time.monotonic() - began < 15:
            worker.step()
        assert len(service.of(quick)) == 1
        assert slow.heard == []
        assert AT_ONCE < 10
        over.set()
        worker.close()
        assert len(slow.heard) == 10


def test_two_workers_send_it_once(told: Told) -> None:
    told.takes("ben")
    told.texts(told.talk(to="ben"))
    group = told.house.town.group_id
    hear(told.ctx, group)
    hear(told.ctx, group)
    told.house.town.clock.pass_by(seconds=4)
    assert len(claim_pushes(told.ctx, group, services=9, each=9)) == 1
    assert claim_pushes(told.ctx, group, services=9, each=9) == []
    told.house.town.clock.pass_by(seconds=61)
    assert len(claim_pushes(told.ctx, group, services=9, each=9)) == 1, "a worker that died"


def test_what_came_before_is_no_news(told: Told) -> None:
    talk = told.talk(to="ben")
    told.texts(talk)
    told.takes("ben")
    assert told.ring() == []


def test_an_erased_customer_has_no_initials(told: Told) -> None:
    viewer, phone = told.takes("ben")
    choose(told.ctx, viewer, notify="initials")
    talk = told.talk(to="ben")
    told.texts(talk)
    told.worker.step()
    (contact_id,) = told.house.ask("select contact_id from conversations where id = %s", talk)[0]
    erase(told.ctx, told.house.town.sign_in("ada"), contact_id, "asked")
    for call in told.ring():
        assert phone.read(call.body)["t"] == "Elm sales"


def test_a_test_notice(told: Told) -> None:
    viewer = told.house.town.sign_in("ben")
    with pytest.raises(Refused):
        try_own(told.ctx, viewer)
    _, phone = told.takes("ben")
    try_own(told.ctx, viewer)
    (call,) = told.ring()
    assert phone.read(call.body)["g"] == "test"
    assert told.ring() == []


def test_who_may_and_where(told: Told) -> None:
    ben, noor = told.house.town.sign_in("ben"), told.house.town.sign_in("noor")
    said = told.service.phone("x").said()
    with pytest.raises(NotAllowed):
        subscribe(told.ctx, noor, said)
    with pytest.raises(NotAllowed):
        limit(told.ctx, told.house.town.sign_in("mo"), "none")
    with pytest.raises(Refused):
        limit(told.ctx, told.house.town.sign_in("ada"), "everything")
    shared = replace(ben, tablet_id=UUID(int=1))
    assert offer(told.ctx, shared) is None
    with pytest.raises(Refused, match="shared"):
        subscribe(told.ctx, shared, said)
    closed = replace(told.ctx, settings=replace(told.ctx.settings, private_webhooks=False))
    with pytest.raises(Refused, match="may not send"):
        subscribe(closed, ben, said)
    with pytest.raises(NotAllowed):
        subscribe(told.ctx, replace(ben, locked=True), said)


def test_where_it_goes_is_unreadable(told: Told) -> None:
    _, phone = told.takes("ben")
    text = dump(told.house)
    said = phone.said()
    assert "push_subscriptions" in text
    for secret in (phone.endpoint, said["keys"]["auth"], said["keys"]["p256dh"]):
        assert secret not in text
        assert secret.encode().hex() not in text


def test_ending_and_telling_do_not_cross(told: Told) -> None:
    """A lost phone is signed out while its notices are claimed, answered and refused as gone."""
    town, faults = told.house.town, list[BaseException]()
    ada, over = town.sign_in("ada"), threading.Event()
    talks = [told.talk(f"+1614555016{n}", to="ben") for n in range(4)]
    for n in range(6):
        _, phone = told.takes("ben", f"phone {n}")
        told.service.says[phone.endpoint.removeprefix(told.service.url)] = (201, 410)[n % 2]
    for talk in talks:
        told.texts(talk)
    hear(told.ctx, town.group_id)
    town.clock.pass_by(seconds=4)

    def work() -> None:
        worker = Notices(told.ctx, WebPush(private=True))
        try:
            while not over.is_set():
                worker.step()
            worker.close()
        except BaseException as fault:  # noqa: BLE001  # told by the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    end_all(told.ctx, ada, town.members["ben"], "lost")
    over.set()
    for thread in threads:
        thread.join(10)
    assert faults == []
    assert told.house.ask("select count(*)::int from push_subscriptions") == [(0,)]
    assert told.house.ask("select count(*)::int from push_notices") == [(0,)]
