"""A notice on a phone: asked for by a press, told truthfully, tapped, answered, and gone with it.

The browser here reaches no push service: that one call of its is stood in for, with an endpoint of
ours, and what arrives there is handed to the service worker as the browser would.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.adapters.push_peer import Phone, PushService, a_push_service
from tests.browser.conftest import PHONE, WIDE, Guard, Opener
from tests.browser.house import House, fresh_number
from tests.browser.screen import box, bubble, send_button, within
from tests.browser.test_every_page import _look

SAID = "Is the bassoon-coloured one there?"
# What only a push service can answer; the page keeps nothing, so the tab's own name remembers.
STAND_IN = """(() => { const said = %s;
    window.asked = 0;
    const ask = Notification.requestPermission.bind(Notification);
    Notification.requestPermission = () => { window.asked += 1; return ask(); };
    PushManager.prototype.getSubscription = async () => window.name ? { unsubscribe() {} } : null;
    PushManager.prototype.subscribe = async (options) => {
        window.name = options.applicationServerKey; return { toJSON: () => said };
    };
})()"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map((one) => [one.title, one.body, one.tag])"""
TAP = """async () => {
    const [one] = await self.registration.getNotifications();
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification: one }));
}"""


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with a_push_service() as made:
        yield made


class Handset:
    """A page on a phone, and the way of a push into it."""

    def __init__(self, page: Page, house: House, phone: Phone) -> None:
        self.page, self.phone, self._house = page, phone, house
        self._wire = page.context.new_cdp_session(page)
        self._known: list[Any] = []
        self._wire.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: self._known.extend(event["registrations"]),
        )
        self._wire.send("ServiceWorker.enable")

    def deliver(self, body: bytes) -> dict[str, str]:
        """As the browser does with what came for it."""
        plain = self.phone.open(body).decode()
        end = time.monotonic() + 5
        while not self._known and time.monotonic() < end:
            self.page.wait_for_timeout(50)
        self._wire.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self._house.url,
                "registrationId": self._known[-1]["registrationId"],
                "data": plain,
            },
        )
        found: dict[str, str] = json.loads(plain)
        return found

    def shown(self, count: int) -> list[list[str]]:
        end = time.monotonic() + within(5000) / 1000
        while time.monotonic() < end:
            found: list[list[str]] = self.page.evaluate(SHOWN)
            if len(found) == count:
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{count} notices were expected: {found}")


def calls(service: PushService, phone: Phone, count: int) -> list[bytes]:
    end = time.monotonic() + within(12_000) / 1000
    while len(service.of(phone)) < count and time.monotonic() < end:
        time.sleep(0.05)
    return [one.body for one in service.of(phone)]


def test_a_lead_is_answered_from_the_lock_screen(
    opened: Opener, house: House, guard: Guard, service: PushService
) -> None:
    guard.allow("Failed to load resource.*(401|403|404|422)")
    phone = service.phone("sam")
    page = opened("sam", "/inbox/", PHONE, permissions=["notifications"])
    page.context.add_init_script(STAND_IN % json.dumps(phone.said()))
    page.goto("/me/")
    own = page.locator("#push")
    expect(own.get_by_text("Off. Texts wait here unseen")).to_be_visible()
    assert page.evaluate("window.asked") == 0, "nobody is asked before they ask"
    hand = Handset(page, house, phone)
    page.get_by_role("button", name="Notify me on this device").click()
    expect(own.get_by_text(re.compile(r"^On\. "))).to_be_visible()
    expect(page.get_by_text("Notices on").first).to_be_visible()
    assert page.evaluate("window.name === document.querySelector('#push').dataset.key")
    found = _look(page, page.url, PHONE)
    assert not found, "\n".join(["", *found])

    page.get_by_role("button", name="Send me a test notice").click()
    expect(own.get_by_text("A test notice is on its way")).to_be_visible()
    hand.deliver(calls(service, phone, 1)[0])
    assert hand.shown(1)[0][0] == "Lotline"
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    hand.shown(0)

    number = fresh_number()
    house.customer_says(number, SAID)
    body = calls(service, phone, 2)[1]
    for trace in (SAID, "bassoon", number[1:], number[-7:]):
        assert trace not in phone.open(body).decode()
    told = hand.deliver(body)
    assert told["b"] == "New text waiting. Open Lotline to read it."
    hand.deliver(body)
    assert hand.shown(1) == [[told["t"], told["b"], told["g"]]], "one place on the screen"

    (worker,) = page.context.service_workers
    worker.evaluate(TAP)
    page.wait_for_url(f"**{told['u']}")
    expect(bubble(page, SAID)).to_be_visible()
    expect(box(page)).to_be_focused()
    page.keyboard.type("It is, come by.")
    send_button(page).tap()
    expect(bubble(page, "It is, come by.")).to_be_visible()
    hand.shown(0)

    stranger = opened("", told["u"], PHONE)
    stranger.get_by_label("Email").fill(house.lived.emails["sam"])
    stranger.get_by_label("Password").fill(house.lived.passwords["sam"])
    stranger.get_by_role("button", name="Sign in", exact=True).click()
    expect(bubble(stranger, SAID)).to_be_visible()

    owner = opened("pat", "/team/devices/", WIDE)
    row = owner.get_by_role("listitem").filter(has_text="Notices on")
    expect(row).to_have_count(1)
    row.get_by_role("button", name=re.compile("^Sign out")).click()
    expect(row).to_have_count(0)
    house.forget("sam")


NO_PUSH = "delete window.PushManager;"
IPHONE = """Object.defineProperty(navigator, 'userAgent',
    { value: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)' });"""
DENIED = "Object.defineProperty(Notification, 'permission', { value: 'denied' });"
FAILS = """Notification.requestPermission = async () => 'default';
    Object.defineProperty(Notification, 'permission', { value: 'default' });
    PushManager.prototype.subscribe = async () => { throw new Error('no'); };"""


@pytest.mark.parametrize(
    "script,says",
    [
        (DENIED, "Blocked by"),
        (NO_PUSH, "This browser shows no notices"),
        (NO_PUSH + IPHONE, "add Lotline to the Home Screen"),
        (FAILS, "Off. Texts wait"),
    ],
)
def test_the_page_says_what_is_so(opened: Opener, script: str, says: str) -> None:
    page = opened("casey", "/inbox/", PHONE)
    page.context.add_init_script(script)
    page.goto("/me/")
    own = page.locator("#push")
    expect(own.get_by_text(says)).to_be_visible()
    if says.startswith("Off"):
        page.get_by_role("button", name="Notify me on this device").click()
        expect(own.get_by_text("Your browser did not turn them on")).to_be_visible()
        expect(page.get_by_role("button", name="Notify me on this device")).to_be_visible()
    assert own.locator("> p:visible").count() == 1
