"""The way in and the way out: password, six digits, passkey, lock, and nothing left behind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Guard, Opener
from tests.browser.house import House, fresh_number
from tests.browser.screen import box, bubble, let_it_go, open_from_list, row_of
from tests.peers.running import eventually

KEPT = """async () => {
    const held = [];
    for (const name of await caches.keys())
        for (const one of await (await caches.open(name)).keys())
            held.push(new URL(one.url).pathname);
    return { caches: held, local: localStorage.length, session: sessionStorage.length,
             bases: (await indexedDB.databases()).length };
}"""


def _sign_in(page: Page, house: House, who: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Email").fill(house.lived.emails[who])
    page.get_by_label("Password").fill(house.lived.passwords[who])
    page.get_by_role("button", name="Sign in", exact=True).click()


def _digits(secret: str) -> str:
    """What an authenticator app shows now."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_a_password_opens_and_a_wrong_one_says_so(opened: Opener, house: House) -> None:
    page = opened("", "/inbox/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/inbox/"))
    page.get_by_label("Email").fill(house.lived.emails["casey"])
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("don’t match")
    expect(page).to_have_title(re.compile("^Error:"))
    page.get_by_label("Password").fill(house.lived.passwords["casey"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/inbox/"))
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()


def test_six_digits_are_asked_once_they_are_set_up(opened: Opener, house: House) -> None:
    page = opened("morgan", "/me/security/")
    page.get_by_role("link", name="Set up").click()
    if page.get_by_label("Password").count():
        page.get_by_label("Password").fill(house.lived.passwords["morgan"])
        page.get_by_role("button").first.click()
    secret = page.locator("code.hash").inner_text()
    page.locator("input[name=code]").fill(_digits(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator("main")).not_to_contain_text("There is a problem")
    other = opened("", "/sign-in/")
    _sign_in(other, house, "morgan")
    other.locator("input[name=code]").fill("000000")
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("alert")).to_be_visible()
    _next_digits(other, secret)
    expect(other).to_have_url(re.compile("/inbox/"))
    house.forget("morgan")


def _next_digits(page: Page, secret: str) -> None:
    """A code counts once, so the one that set it up is spent: the next, when there is one."""
    for _ in range(4):
        page.locator("input[name=code]").fill(_digits(secret))
        page.get_by_role("button", name="Sign in", exact=True).click()
        if "/inbox/" in page.url:
            return
        page.wait_for_timeout(8500)


def test_a_passkey_opens_without_a_password(opened: Opener, house: House) -> None:
    page = opened("riley", "/me/security/", base_url=house.url.replace("127.0.0.1", "localhost"))
    page.context.clear_cookies()
    _sign_in(page, house, "riley")
    expect(page).to_have_url(re.compile("/inbox/"))
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/me/security/")
    page.get_by_role("link", name="Add a passkey").click()
    if page.get_by_label("Password").count():
        page.get_by_label("Password").fill(house.lived.passwords["riley"])
        page.get_by_role("button").first.click()
    page.get_by_role("button", name="Add passkey").click()
    page.wait_for_url(re.compile("/me/security/(?!webauthn/add)"))
    kept = keys.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})
    assert len(kept["credentials"]) == 1
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/inbox/"))


def test_nothing_stays_on_the_device(opened: Opener, house: House) -> None:
    """After a working session no store of the browser names a customer; Back shows nobody."""
    page = opened("devon", "/inbox/", PHONE)
    answers: list[tuple[str, str]] = []
    page.on("response", lambda one: answers.append((one.url, one.headers.get("cache-control", ""))))
    open_from_list(page, "Bettina Kruse")
    box(page).fill("A draft that stays on the server")
    page.wait_for_timeout(1200)
    page.goto("/customers/")
    page.goto("/inbox/")
    expect(row_of(page, "Bettina Kruse")).to_contain_text("A draft that stays")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    kept = page.evaluate(KEPT)
    assert kept["local"] == kept["session"] == kept["bases"] == 0, kept
    bad = [one for one in kept["caches"] if not one.startswith(("/static/", "/offline.html"))]
    assert not bad, bad
    open_ = ("/static/", "/sw.js", "/manifest.webmanifest", "/offline.html", "/favicon.ico")
    lax = [u for u, c in answers if "no-store" not in c and not any(p in u for p in open_)]
    assert not lax, lax
    page.goto("/more/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You’re signed out")).to_be_visible()
    page.go_back()
    page.wait_for_timeout(700)
    assert "Bettina" not in page.content()
    page.goto("/inbox/")
    expect(page).to_have_url(re.compile("/sign-in/"))
    house.forget("devon")


def test_without_script_one_reads_sends_takes_back_and_leaves(
    opened: Opener, house: House, guard: Guard
) -> None:
    number = fresh_number()
    house.customer_says(number, "Is anybody reading this?")
    page = opened("casey", "/inbox/?box=unassigned", WIDE, java_script_enabled=False)
    row_of(page, number[-4:]).click()
    expect(bubble(page, "Is anybody reading this?")).to_be_visible()
    box(page).fill("Yes, by hand")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(bubble(page, "Yes, by hand")).to_have_count(1)
    page.get_by_role("link", name="Take back").click()
    page.get_by_role("button", name="Take it back").click()
    expect(box(page)).to_have_value("Yes, by hand")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(bubble(page, "Yes, by hand")).to_have_count(1)
    let_it_go(house)
    assert eventually(lambda: len(house.outbox(number)) == 1)
    went = re.compile("Sent|Delivered|Accepted")

    def says_so() -> bool:
        page.reload()
        return went.search(bubble(page, "Yes, by hand").inner_text()) is not None

    assert eventually(says_so)
    page.goto("/more/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You’re signed out")).to_be_visible()
    house.forget("casey")
