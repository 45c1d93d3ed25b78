"""Others are told what happens: signed, once it is committed, again until they take it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook

from lotline.actions.errors import NotAllowed, Refused
from lotline.actions.webhooks import (
    claim_tellings,
    gather,
    make_webhook,
    replace_secret,
    resend,
    resume,
)
from lotline.adapters.webhooks import Telephone
from lotline.core.people.webhooks import (
    BadAddress,
    Said,
    Telling,
    is_public,
    pause_after,
    read_address,
)
from lotline.store.webhooks import Hook, load_calls, load_webhooks
from lotline.workers.calls import AT_ONCE
from lotline.workers.webhooks import Webhooks
from tests.actions.house import House
from tests.town import NOON as SOME_TIME

UPDATE = "Your car is ready for pickup."


@dataclass
class Other:
    """Somebody else's machine."""

    url: str = ""
    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Other]:
    other = Other()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["content-length"]))
            other.heard.append((dict(self.headers.items()), body))
            self.send_response(other.status)
            self.send_header("Location", other.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    other.url = f"http://127.0.0.1:{server.server_address[1]}/told?by=us"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield other
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def other() -> Iterator[Other]:
    with listening() as found:
        yield found


@pytest.fixture
def open_house(house: House) -> House:
    """One whose owner lets webhooks go to this machine."""
    chosen = replace(house.ctx.settings, private_webhooks=True)
    house.town.ctx = replace(house.ctx, settings=chosen)
    house.town.meet("+16145550160", "Pat", by="ben", line="sales")
    return house


def hooked(house: House, url: str, *, words: bool = False) -> tuple[Hook, str]:
    made = make_webhook(
        house.ctx, house.town.sign_in("ada"), url=url, kinds=["text.in"], words=words
    )
    return shown(house), made.secret


def shown(house: House) -> Hook:
    with house.ctx.db.transaction(house.town.group_id) as tx:
        (hook,) = load_webhooks(tx)
    return hook


def calls(house: House) -> list[Any]:
    with house.ctx.db.transaction(house.town.group_id) as tx:
        return load_calls(tx, shown(house).id)


@pytest.mark.parametrize("words", [False, True])
def test_what_happened_is_told_signed_and_without_words_unless_ticked(
    open_house: House, other: Other, words: bool
) -> None:
    hook, secret = hooked(open_house, other.url, words=words)
    open_house.text_in("+16145550160", "Is it ready?")
    worker = Webhooks(open_house.ctx, Telephone(private=True))
    assert worker.step()
    assert not worker.step()
    worker.close()
    ((headers, body),) = other.heard
    lowered = {name.lower(): said for name, said in headers.items()}
    assert lowered["host"] in other.url
    expected = Webhook(secret).sign(lowered["webhook-id"], open_house.town.clock(), body.decode())
    assert lowered["webhook-signature"] == expected
    told = json.loads(body)
    assert told["type"] == "text.in"
    assert ("body" in told["data"], b"ready" in body) == (words, words)
    assert (shown(open_house).waiting, calls(open_house)[0].state) == (0, "told")
    assert hook.url == other.url


def test_what_is_not_taken_is_tried_later_and_later_and_then_said_so(
    open_house: House, other: Other
) -> None:
    hooked(open_house, other.url)
    other.status = 302
    open_house.text_in("+16145550160", "Hello?")
    worker = Webhooks(open_house.ctx, Telephone(private=True))
    clock = open_house.town.clock
    while shown(open_house).stopped_at is None:
        worker.step()
        clock.pass_by(hours=13)
    worker.close()
    assert 5 < len(other.heard) < 20
    ids = {headers["webhook-id"] for headers, _ in other.heard}
    assert len(ids) == 1
    assert shown(open_house).stopped_why == "failing"
    other.status = 200
    assert not Webhooks(open_house.ctx, Telephone(private=True)).step()
    hook = shown(open_house)
    resume(open_house.ctx, open_house.town.sign_in("ada"), hook.id)
    resend(open_house.ctx, open_house.town.sign_in("ada"), hook.id, call_id=calls(open_house)[0].id)
    worker = Webhooks(open_house.ctx, Telephone(private=True))
    worker.step()
    worker.close()
    assert calls(open_house)[0].state == "told"


def test_an_address_that_does_not_answer_holds_up_no_other(open_house: House, other: Other) -> None:
    """The silent one has the older calls and more of them; the other is told at once."""
    over, tried = threading.Event(), list[str]()
    ada = open_house.town.sign_in("ada")
    make = partial(make_webhook, open_house.ctx, ada, kinds=["text.in"], words=False)
    make(url="http://127.0.0.1:9/silent")
    for n in range(20):
        open_house.text_in("+16145550160", f"Hello {n}?")
    gather(open_house.ctx, open_house.town.group_id)
    make(url=other.url)
    open_house.text_in("+16145550160", "Is it ready?")
    calls_of = Telephone(private=True)

    def tell(telling: Telling) -> Said:
        if telling.url.endswith("silent"):
            tried.append(telling.id)
            over.wait(20)
        return calls_of(telling)

    worker = Webhooks(open_house.ctx, tell, patience_s=0.05)
    began = time.monotonic()
    while not other.heard and time.monotonic() - began < 15:
        worker.step()
    assert len(other.heard) == 1
    assert 0 < len(tried) <= AT_ONCE, "no more than a few of its calls are under way"
    over.set()
    worker.close()


def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(
    open_house: House, other: Other
) -> None:
    hook, first = hooked(open_house, other.url)
    second = replace_secret(open_house.ctx, open_house.town.sign_in("ada"), hook.id).secret
    open_house.text_in("+16145550160", "One")
    gather(open_house.ctx, open_house.town.group_id)
    (one,) = claim_tellings(open_house.ctx, open_house.town.group_id, addresses=9, each=9)
    assert one.telling.secrets == (second, first)
    assert claim_tellings(open_house.ctx, open_house.town.group_id, addresses=9, each=9) == []
    open_house.town.clock.pass_by(hours=25)
    (one,) = claim_tellings(open_house.ctx, open_house.town.group_id, addresses=9, each=9)
    assert one.telling.secrets == (second,)


INSIDE = [
    "http://crm.example.com/",
    "https://127.0.0.1/",
    "https://localhost/x",
    "https://10.1.2.3/",
    "https://192.168.0.9:8443/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00::1]/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "ftp://crm.example.com/",
    "https://a:b@crm.example.com/",
    "https://crm.example.com:0/",
    "nonsense",
]


@pytest.mark.parametrize("url", INSIDE)
def test_nothing_is_told_inside_a_network(url: str) -> None:
    with pytest.raises(BadAddress):
        read_address(url, private=False)


def test_only_the_owner_names_an_address_and_not_an_inner_one(house: House) -> None:
    ada, mo = house.town.sign_in("ada"), house.town.sign_in("mo")
    outside = "https://crm.example.com/texts"
    with pytest.raises(NotAllowed):
        make_webhook(house.ctx, mo, url=outside, kinds=["text.in"], words=False)
    with pytest.raises(Refused):
        make_webhook(house.ctx, ada, url=INSIDE[1], kinds=["text.in"], words=False)
    make_webhook(house.ctx, ada, url=outside, kinds=["text.in"], words=False)
    assert "example.com" not in str(house.ask("select url_ct, secrets_ct from webhooks"))


def test_what_a_name_stands_for_is_looked_at_before_each_call(other: Other) -> None:
    """The name may be public when it is written down, and stand for this machine later."""
    url = other.url.replace("127.0.0.1", "localhost")
    telling = Telling("msg_1", url, ("whsec_" + "QUJD" * 8,), "{}", SOME_TIME)
    assert Telephone()(telling).outcome == "private"
    assert other.heard == []
    said = Telephone(private=True)(telling)
    assert said == Said(204, "told", said.took_ms)


def test_which_addresses_are_public() -> None:
    assert is_public("93.184.216.34")
    assert is_public("2606:4700::1111")
    for one in ("10.0.0.1", "224.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "fe80::1", "::"):
        assert not is_public(one), one


def test_tries_take_about_three_days() -> None:
    pauses = [pause_after(n, 0.5) for n in range(1, 14)]
    whole = sum((one for one in pauses if one is not None), timedelta())
    assert timedelta(days=2.5) < whole < timedelta(days=3.5)
    assert pause_after(14, 0.5) is None
    early, late = pause_after(3, 0.0), pause_after(3, 1.0)
    assert early is not None
    assert late is not None
    assert early < late
