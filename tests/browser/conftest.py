"""The house that the journeys share, and browsers in it that forgive no error on a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from lotline.config.cluster import Cluster
from tests.browser.house import House, Lived, live_once
from tests.conftest import temporary_dir

HERE = Path(__file__).parent
WIDE, PHONE = (1280, 800), (390, 844)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def lived(cluster: Cluster) -> Iterator[Lived]:
    """The demo town, lived once."""
    with temporary_dir() as data:
        yield live_once(cluster, data)


@pytest.fixture(scope="module")
def house(lived: Lived, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(lived, tmp_path_factory.mktemp("house"))
    try:
        yield opened.open()
    finally:
        opened.close()


@dataclass
class Guard:
    """What the pages complained of. A test that provokes a complaint says which one."""

    said: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        self.allowed.append(pattern)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.said.append(f"uncaught: {error.error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.said.append(f"{message.text} at {message.location.get('url', '')}")

    def unforgiven(self) -> list[str]:
        return [one for one in self.said if not any(re.search(rule, one) for rule in self.allowed)]


@pytest.fixture
def guard() -> Iterator[Guard]:
    made = Guard()
    yield made
    assert not made.unforgiven()


Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, house: House, guard: Guard) -> Iterator[Opener]:
    """A page signed in as somebody, in a browser of its own: `opened("sam", "/inbox/")`."""
    contexts: list[BrowserContext] = []

    def open_page(
        who: str = "", path: str = "/inbox/", size: tuple[int, int] = WIDE, **options: Any
    ) -> Page:
        width, height = size
        phone = {"has_touch": True, "is_mobile": True} if width < 700 else {}
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-US",
            **{"base_url": house.url, **phone, **options},
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        guard.watch(context)
        if who:
            context.add_cookies(house.cookie(who))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
