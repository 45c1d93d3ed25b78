"""`./dev shots`: pictures of every screen, taken from the running product into docs/pictures.

It is 9:12 in the evening where Priya lives, so that what waits for the morning can be seen. Each
screen is taken at a desk's width and a phone's, some in the dark as well.

Not here: whether the screens are right (the journeys); what the pictures are shown for (README).
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from lotline.config.cluster import Cluster
from tests.browser.house import CHICAGO, House, live_once
from tests.browser.palette import repacked
from tests.browser.screen import box, open_from_list
from tests.conftest import find_chromium, temporary_dir

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
EVENING = datetime(2026, 11, 18, 20, 12, tzinfo=CHICAGO)
OFFER = (
    "We do! Bring it Saturday and we'll appraise it while you drive. "
    "Trade-ins this weekend get an extra $500 toward a certified SUV."
)
TRIED = "/rules/try/?state=OH&yes=written&purpose=offer&when=2026-11-24T22:00"
SIZES = {"wide": (1280, 800), "phone": (390, 844)}
LARGEST = 200_000

Act = Callable[[Page, House], None]


@dataclass(frozen=True)
class Shot:
    """One screen: who looks, how they get there, and whether it is shown in the dark too."""

    name: str
    who: str
    act: Act
    dark: bool = False
    sizes: tuple[str, ...] = ("wide", "phone")


def at(path: str) -> Act:
    return lambda page, _house: _go(page, path)


def _go(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("load")


def talk(name: str) -> Act:
    return lambda page, _house: _talk(page, name)


def _talk(page: Page, name: str) -> None:
    page.goto("/inbox/?box=team")
    row = page.locator("#rows .row").filter(has_text=name)
    if row.count():
        open_from_list(page, name)
        page.wait_for_timeout(400)
        return
    page.goto(f"/search/?q={name.split(maxsplit=1)[0]}")
    page.get_by_role("link", name=re.compile(name)).first.click()
    page.locator("#conv h1").wait_for()


def _held(page: Page, _house: House) -> None:
    page.goto("/inbox/")
    open_from_list(page, "Priya Ramnath")
    box(page).fill(OFFER)
    page.get_by_role("button", name=re.compile("Hold to")).wait_for()


def _templates(page: Page, _house: House) -> None:
    page.goto("/inbox/")
    open_from_list(page, "Dale Okafor")
    box(page).fill("")
    page.keyboard.type("/")
    page.get_by_role("option").first.wait_for()


def _menu(page: Page, _house: House) -> None:
    _go(page, "/inbox/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("ri")
    page.get_by_role("option").first.wait_for()
    page.wait_for_timeout(400)


def _keys(page: Page, _house: House) -> None:
    _go(page, "/inbox/")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.wait_for_timeout(200)


def customer(name: str, more: str = "") -> Act:
    def act(page: Page, _house: House) -> None:
        page.goto(f"/customers/?q={name.split(maxsplit=1)[0]}")
        page.get_by_role("link", name=re.compile(name)).first.click()
        page.wait_for_url(re.compile("/customers/"))
        if more:
            _go(page, page.url.split("#")[0].rstrip("/") + more)

    return act


def following(path: str, link: str) -> Act:
    """The first link of a page whose address looks like this."""

    def act(page: Page, _house: House) -> None:
        page.goto(path)
        found = page.eval_on_selector_all(
            "a[href]", "(all) => all.map((one) => one.getAttribute('href'))"
        )
        _go(page, next(one for one in found if re.search(link, one)))

    return act


def named(path: str, name: str) -> Act:
    def act(page: Page, _house: House) -> None:
        page.goto(path)
        page.locator("main").get_by_role("link", name=name).first.click()
        page.wait_for_load_state("load")

    return act


def _locked(page: Page, _house: House) -> None:
    page.goto("/inbox/")
    page.evaluate(
        """() => fetch('/me/lock/', { method: 'POST',
            headers: { 'X-Lotline': '1', 'X-CSRFToken': document.body.dataset.csrf } })"""
    )
    page.wait_for_url(re.compile("/locked/"))


def _phones(page: Page, house: House) -> None:
    _go(page, f"{house.simulator.url}/sim/phones")
    page.get_by_text("Dale Okafor").first.click()
    page.wait_for_timeout(800)


SHOTS = (
    Shot("sign-in", "", at("/sign-in/")),
    Shot("inbox", "sam", at("/inbox/"), dark=True),
    Shot("held", "sam", _held, dark=True),
    Shot("replies-only", "sam", talk("Dale Okafor")),
    Shot("stopped", "sam", talk("Curtis Vale")),
    Shot("no-opt-in", "sam", talk("Joanne Pruitt")),
    Shot("waiting-offer", "sam", talk("Luis Corden")),
    Shot("not-signed", "taylor", talk("Gideon Marsh")),
    Shot("saved-replies", "sam", _templates),
    Shot("templates", "sam", at("/templates/")),
    Shot("new-message", "sam", at("/new/")),
    Shot("customers", "sam", at("/customers/")),
    Shot("customer", "sam", customer("Priya Ramnath"), dark=True),
    Shot("consent-timeline", "sam", customer("Priya Ramnath", "/consent/")),
    Shot("add-consent", "sam", customer("Joanne Pruitt", "/consent/add/")),
    Shot("record-stop", "sam", customer("Dale Okafor", "/stop/")),
    Shot("evidence", "pat", customer("Priya Ramnath", "/evidence/")),
    Shot("search", "sam", at("/search/?q=okafor")),
    Shot("go-to-anything", "pat", _menu),
    Shot("keys", "sam", _keys),
    Shot("rules", "sam", at("/rules/")),
    Shot("rule", "sam", following("/rules/", r"^/rules/[A-Z][^/]+/$")),
    Shot("try-it", "sam", at(TRIED), dark=True),
    Shot("brief", "pat", at("/rules/brief/?state=FL&state=TX&state=PA&state=CA")),
    Shot("rules-profile", "pat", at("/rules/profile/")),
    Shot("lists", "pat", at("/rules/lists/")),
    Shot("dashboard", "morgan", at("/dashboard/"), dark=True),
    Shot("without-opt-in", "morgan", at("/dashboard/no-opt-in/")),
    Shot("review", "morgan", at("/review/")),
    Shot("doubts", "morgan", at("/review/doubts/")),
    Shot("ledger", "pat", at("/audit/")),
    Shot("exports", "pat", at("/audit/exports/")),
    Shot("retention", "pat", at("/audit/retention/")),
    Shot("safeguards", "pat", at("/audit/safeguards/")),
    Shot("access-review", "pat", at("/team/access/")),
    Shot("bring", "sam", at("/me/bring/")),
    Shot("identity", "pat", at("/settings/identity/")),
    Shot("training", "taylor", at("/training/")),
    Shot("policy", "taylor", at("/policy/")),
    Shot("policy-people", "pat", at("/policy/people/")),
    Shot("team", "pat", at("/team/")),
    Shot("member", "pat", named("/team/", "Sam Ortega")),
    Shot("devices", "pat", at("/team/devices/")),
    Shot("lost-phone", "pat", named("/team/lost/", "Sam Ortega")),
    Shot("lines", "pat", at("/lines/")),
    Shot("me", "sam", at("/me/")),
    Shot("security", "sam", at("/me/security/")),
    Shot("more", "pat", at("/more/"), sizes=("phone",)),
    Shot("offline", "", at("/offline.html")),
    Shot("phones", "", _phones, sizes=("wide",)),
    Shot("locked", "eli", _locked),
    Shot("signed-out", "", at("/signed-out/")),
)


def take(browser: Browser, press: Page, house: House, shot: Shot, to: Path) -> list[str]:
    """The pictures of one screen; what went wrong. A screen that does not come is still shown."""
    faults = []
    for size in shot.sizes:
        for scheme in ("light", "dark") if shot.dark else ("light",):
            width, height = SIZES[size]
            touch: dict[str, Any] = (
                {"has_touch": True, "is_mobile": True} if size == "phone" else {}
            )
            context = browser.new_context(
                base_url=house.url,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
                locale="en-US",
                **touch,
            )
            context.set_default_timeout(15_000)
            if shot.who:
                context.add_cookies(house.cookie(shot.who))
            page = context.new_page()
            try:
                shot.act(page, house)
            except Error as trouble:
                faults.append(f"{shot.name} {size} {scheme}: {trouble.message.splitlines()[0]}")
            page.wait_for_timeout(350)
            path = to / f"{shot.name}-{size}{'-dark' if scheme == 'dark' else ''}.png"
            taken = page.screenshot(animations="disabled", caret="hide")
            context.close()
            path.write_bytes(repacked(press, taken))
            weighs = path.stat().st_size
            print(f"{path.name:<36} {weighs // 1000:>4} KB", flush=True)
            if weighs > LARGEST:
                faults.append(f"{path.name} is larger than {LARGEST // 1000} KB")
    return faults


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser("./dev shots", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="only these screens")
    parser.add_argument("--to", type=Path, default=PICTURES, help="where the pictures go")
    asked = parser.parse_args(words)
    chosen = [one for one in SHOTS if not asked.names or one.name in asked.names]
    asked.to.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with temporary_dir() as data, tempfile.TemporaryDirectory(prefix="lotline-shots-") as folder:
        cluster = Cluster.start(data / "pg", durable=False)
        house = None
        try:
            (data / "town").mkdir()
            lived = live_once(cluster, data / "town", EVENING)
            house = House(lived, Path(folder), opens_at=EVENING).open()
            with sync_playwright() as driver:
                browser = driver.chromium.launch(
                    executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
                )
                press = browser.new_page()
                for shot in chosen:
                    faults += take(browser, press, house, shot, asked.to)
                browser.close()
        finally:
            if house is not None:
                house.close()
            cluster.stop()
    print("\n".join(faults))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
