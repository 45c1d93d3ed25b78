"""Every page that the router knows, in both themes and from 320 px up: nothing for axe to find.

Addresses are enumerated from the router and filled with things of the town that exist, so that a
new page is looked at without being named here. What answers with a part of a page, a redirect or
a file is no page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import django
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from lotline.core.policy.course import load_course
from tests.browser.conftest import PHONE, WIDE, Guard
from tests.browser.house import House

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only what is wrong is written out; every rule still looks at every element.
FAULTS = {"resultTypes": ["violations"], "performanceTimer": False}
WHOLE = {**FAULTS, "runOnly": {"type": "tag", "values": RULES}}
COLOURS = {
    **FAULTS,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
# Only what is said of faults comes back: it is asked some three hundred times.
AXE = """async (options) => (await axe.run(document, options)).violations.flatMap((one) =>
    one.nodes.slice(0, 3).map((at) => `${one.id}: ${one.help}: ${at.html.slice(0, 160)}`)
)"""
# The dark sheet is fetched late; nothing moves, so that what is dressed is as it stays.
DRESSED = "() => [...document.querySelectorAll('link[rel=stylesheet]')].every((one) => one.sheet)"
# Out of a session, whoever asks; each with what fills its address.
OUTSIDE = ("/sign-in/", "/signed-out/", "/offline.html")

# What a page must not do at any width, and how small a thing to press may be.
MEASURE = """(least) => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const small = [...document.querySelectorAll('button, a[href], summary, [role=button]')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        .filter((one) => getComputedStyle(one).display !== 'inline')
        .map((one) => [one, one.getBoundingClientRect()])
        .filter(([one, r]) => r.width > 1 && r.height > 1 && (r.width < 24 || r.height < least))
        .map(([one, r]) => `${one.outerHTML.slice(0, 110)} ${r.width | 0}x${r.height | 0}`);
    return { wide, small };
}"""


def _addresses() -> list[str]:
    """Patterns as `customers/<uuid:contact_id>/consent/`."""
    django.setup()
    from django.urls import URLPattern, get_resolver

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for one in patterns:
            route = before + str(one.pattern)
            if isinstance(one, URLPattern):
                yield route
            else:
                yield from walk(one.url_patterns, route)

    return sorted(set(walk(get_resolver().url_patterns, "")))


def _things(house: House, page: Page) -> dict[str, list[str]]:
    """What exists, by the name an address gives it."""
    found: dict[str, list[str]] = {}

    def links(at: str, pattern: str) -> list[str]:
        page.goto(at)
        all_of = page.eval_on_selector_all(
            "a[href], form[action]",
            "(all) => all.map((one) => one.getAttribute('href') || one.getAttribute('action'))",
        )
        return list(dict.fromkeys(hit[1] for one in all_of if (hit := re.match(pattern, one))))

    names = {
        "Priya Ramnath": "an open box",
        "Curtis Vale": "a box that a stop took away",
        "Joanne Pruitt": "nobody's yes",
    }
    found["conversation_id"], found["contact_id"] = [], []
    for name in names:
        first = name.split(maxsplit=1)[0]
        cards = links(f"/customers/?q={first}", r"/customers/([0-9a-f-]{36})/$")
        talks = links(f"/search/?q={first}", r"/c/([0-9a-f-]{36})/")
        assert cards, name
        assert talks, name
        found["contact_id"].append(cards[0])
        found["conversation_id"].append(talks[0])
    found["contact_id"] = found["contact_id"][:1]
    found["member_id"] = links("/team/", r"/team/([0-9a-f-]{36})/")[1:2]
    found["rule_id"] = links("/rules/", r"/rules/([A-Z][^/]+)/$")[:1]
    found["template_id"] = links("/templates/", r"/templates/([0-9a-f-]{36})/")[:1]
    found["slug"] = links("/lines/", r".*/opt-in/([^/]+)/$")[:1]
    found["token"] = ["spent"]
    found["card_id"] = [one.id for one in load_course().cards[:1]]
    found["number"] = ["1"]
    page.goto(f"/c/{found['conversation_id'][0]}/")
    found["text_id"] = [str(page.locator("#log [data-id]").last.get_attribute("data-id"))]
    found["device_id"] = [str(UUID(int=0))]
    return found


def _filled(pattern: str, things: dict[str, list[str]]) -> list[str]:
    made = [pattern]
    for hit in re.finditer(r"<(?:\w+:)?(\w+)>", pattern):
        made = [one.replace(hit[0], thing) for one in made for thing in things.get(hit[1], [])]
    return [f"/{one}" for one in made]


def _pages(house: House, page: Page) -> list[str]:
    """Those that answer an owner with a whole page."""
    things = _things(house, page)
    jar = {one["name"]: one["value"] for one in house.cookie("pat")}
    found = []
    for pattern in _addresses():
        for path in _filled(pattern, things):
            if "sign-out" in path or path in OUTSIDE:
                continue
            status, headers, said = house.ask("GET", path, cookies=jar)
            kind = headers.get("Content-Type") or ""
            if status < 500 and kind.startswith("text/html") and "<html" in said:
                found.append(path)
            assert status < 500, (path, status)
    return found


def _look(page: Page, path: str, size: tuple[int, int]) -> list[str]:
    """Everything wrong with one page at one size, in both themes."""
    faults = []
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(path)
    page.wait_for_load_state("load")
    page.evaluate(AXE_SCRIPT)
    # Colours are the same at any width, so the dark is looked at once.
    schemes = (("light", WHOLE), ("dark", COLOURS)) if size == PHONE else (("light", WHOLE),)
    for scheme, options in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two
        page.wait_for_function(DRESSED)
        said = page.evaluate(AXE, options)
        faults += [f"{path} {size[0]} {scheme}: {one}" for one in said]
    measured = page.evaluate(MEASURE, 44 if size == PHONE else 24)
    if size == PHONE:
        page.set_viewport_size({"width": 320, "height": 640})
        narrow = page.evaluate(MEASURE, 24)
        measured["wide"] = max(measured["wide"], narrow["wide"])
        page.set_viewport_size({"width": size[0], "height": size[1]})
    if measured["wide"] > 0:
        faults.append(f"{path} {size[0]}: {measured['wide']} px wider than the screen")
    faults += [f"{path} {size[0]}: small: {one}" for one in measured["small"]]
    return faults


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_and_everything_fits(
    browser: Browser, house: House, guard: Guard, size: tuple[int, int]
) -> None:
    guard.allow("Failed to load resource.*(403|404|410|422)")
    touch: dict[str, Any] = {"has_touch": True, "is_mobile": True} if size == PHONE else {}
    context = browser.new_context(
        base_url=house.url, viewport={"width": size[0], "height": size[1]}, **touch
    )
    guard.watch(context)
    page = context.new_page()
    faults = [fault for path in OUTSIDE for fault in _look(page, path, size)]
    context.add_cookies(house.cookie("pat"))
    paths = _pages(house, page)
    print(f"{len(paths)} pages:", *paths, sep="\n  ")
    assert len(paths) > 30, paths
    for path in paths:
        faults += _look(page, path, size)
    context.close()
    assert not faults, "\n".join(["", *faults])
