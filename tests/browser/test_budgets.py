"""What a page weighs and how soon it is there: budgets of the design, measured in the browser."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from lotline.config.assets import shrink
from tests.browser.conftest import PHONE, Opener
from tests.browser.house import House
from tests.browser.screen import heading, open_from_list

COLD_KB, CSS_KB, OWN_JS_KB, ONE_JS_KB, INBOX_KB, SWAP_KB = 60, 14, 12, 4, 16, 9
PREVIEW_BYTES = 700  # 0.6 KB of words, and the address of an icon that changes with its content
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 93_750,
}
SHIFTS = """() => { window.moved = 0; window.largest = 0;
    new PerformanceObserver((all) => { for (const one of all.getEntries())
        if (!one.hadRecentInput) window.moved += one.value;
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((all) => { for (const one of all.getEntries())
        window.largest = one.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true }); }"""


def _weighed(page: Page) -> dict[str, int]:
    """Bytes on the wire by address, from now on."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def began(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["request"]["url"]

    def ended(event: dict[str, Any]) -> None:
        url = names.get(event["requestId"], "")
        sizes[url] = sizes.get(url, 0) + int(event["encodedDataLength"])

    wire.on("Network.requestWillBeSent", began)
    wire.on("Network.loadingFinished", ended)
    return sizes


def test_a_cold_inbox_is_light_quick_and_still(opened: Opener, house: House) -> None:
    page = opened("", "/signed-out/", PHONE, service_workers="block")
    page.context.clear_cookies()
    page.context.add_cookies(house.cookie("sam"))
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.send("Network.emulateNetworkConditions", SLOW_4G)
    page.add_init_script(f"({SHIFTS})()")
    sizes = _weighed(page)
    page.goto("/inbox/?box=team")
    expect(page.locator("#rows .row").first).to_be_visible()
    page.wait_for_timeout(1500)
    stray = [url for url in sizes if not url.startswith((house.url, "data:"))]
    assert not stray, stray
    assert sum(sizes.values()) < COLD_KB * 1024, sorted(sizes.items(), key=lambda one: -one[1])
    inbox = next(size for url, size in sizes.items() if "/inbox/" in url)
    assert inbox < INBOX_KB * 1024, inbox
    largest, moved = page.evaluate("[window.largest, window.moved]")
    assert largest < 2500, largest
    assert moved < 0.02, moved
    print(f"cold inbox {sum(sizes.values())} bytes, largest paint {largest:.0f} ms, moved {moved}")


def test_a_conversation_and_a_verdict_are_small(opened: Opener, house: House) -> None:
    page = opened("sam")
    sizes = _weighed(page)
    open_from_list(page, "Priya Ramnath")
    expect(heading(page)).to_be_visible()
    page.locator("#box").fill("We do take trades")
    expect(page.locator("#verdict")).to_contain_text("Sends now")
    page.wait_for_timeout(300)
    swap = next(
        size for url, size in sizes.items() if "/c/" in url and url.split("?")[0].endswith("/")
    )
    preview = next(size for url, size in sizes.items() if url.endswith("/preview"))
    assert swap < SWAP_KB * 1024, swap
    print(f"swap {swap} bytes, preview {preview} bytes with its headers")


def test_sheets_and_scripts_stay_in_their_budgets() -> None:
    static = Path(__file__).parents[2] / "lotline" / "web" / "static"

    def packed(one: Path) -> int:
        return len(gzip.compress(shrink(f"{one.parent.name}/{one.name}", one.read_bytes())))

    sheets = {one.name: packed(one) for one in static.glob("css/*.css")}
    scripts = {one.name: packed(one) for one in static.glob("js/*.js")}
    scripts["sw.js"] = len(
        gzip.compress(shrink("js/sw.js", (static.parent / "sw.js").read_bytes()))
    )
    assert sum(sheets.values()) < CSS_KB * 1024, sheets
    assert sum(scripts.values()) < OWN_JS_KB * 1024, scripts
    assert max(scripts.values()) < ONE_JS_KB * 1024, scripts
