"""Every state of the screens as a file of its own, to be looked at: run by hand, never in CI.

python -m tests.web.gallery.pictures DIRECTORY [--shots]
"""

# ruff: noqa: E402, E501 - Django is set up before its templates are read; specimens stay in one line

from __future__ import annotations

import functools
import http.server
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")

import django

django.setup()

from django.template.loader import render_to_string
from django.test import RequestFactory

from lotline.core.messaging.segments import count
from lotline.web import desk, verdict
from lotline.web.customer import show_card
from tests.web.gallery import specimens as p

SIZES = {"desktop": (1280, 800), "tablet": (834, 900), "phone": (390, 844), "narrow": (320, 640)}


def request(path: str, theme: str = "auto") -> Any:
    made = RequestFactory().get(path)
    made.viewer = p.SAM  # type: ignore[attr-defined]  # as the middleware does
    return made


def the_list(chosen: desk.Filter, rows: Any = p.ROWS) -> desk.ListView:
    return desk.show_list(
        chosen, rows, "next", p.COUNTS, lines=[p.SALES], viewer=p.SAM, now=p.NOW, zone=p.CHICAGO
    )


def conversation(
    decision: Any, contact: Any, body: str | None = None, **more: Any
) -> dict[str, Any]:
    page = p.page(contact, **({} if body is None else {"draft": body}))
    card = show_card(contact, p.SAM, p.NOW, outlook=decision, store_zone=p.CHICAGO)
    conv = desk.show_conversation(page, card, p.SAM, p.NOW, p.MEMBERS)
    asked = verdict.Asked(
        contact.name, contact.level, conv.there, page.last_in_at, None, desk.words_of(page)
    )
    gone = verdict.show_gone(decision, asked) if decision else None
    if decision is None:
        strip = verdict.unchecked()
    elif gone:
        strip = gone
    elif not page.draft:
        strip = verdict.quiet(asked)
    else:
        strip = verdict.show_decision(decision, asked, segments=count(page.draft), **more)
    foot = desk.show_foot(strip, page, p.NOW, client_id="0", stale="")
    return {
        "conv": conv, "card": card, "strip": strip, "foot": foot, "here": conv.here, "cursor": page.cursor,
        "list": the_list(desk.Filter()), "open_id": conv.id, "unread": 6,
        "presence": [{"member_id": p.uid(6), "name": "Jordan Reyes", "hue": 120, "doing": "viewing"}],
    }  # fmt: skip


def pages() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Name to (template, path, context)."""
    return {
        "inbox": ("desk/page.html", "/inbox/", {"list": the_list(desk.Filter()), "unread": 6}),
        "empty": ("desk/page.html", "/inbox/", {"list": the_list(desk.Filter(), ()), "unread": 0}),
        "hold": ("desk/page.html", "/c/1/", conversation(p.HOLD, p.card(), kind="offer", reasons=("extra $500",))),
        "allow": ("desk/page.html", "/c/1/", conversation(p.ALLOW, p.card(), "No problem, see you at 8:25.", kind="reply")),
        "quiet": ("desk/page.html", "/c/1/", conversation(p.ALLOW, p.card(), "")),
        "block": ("desk/page.html", "/c/1/", conversation(p.CONTENT, p.card(level="replies"), kind="offer", reasons=("extra $500",))),
        "out": ("desk/page.html", "/c/1/", conversation(p.OUT, p.card("Curtis Vale", "out", p.STOPPED))),
        "none": ("desk/page.html", "/c/1/", conversation(p.NONE, p.card("Joanne Pruitt", "none"))),
        "unsigned": ("desk/page.html", "/c/1/", conversation(p.UNSIGNED, p.card())),
        "error": ("desk/page.html", "/c/1/", conversation(None, p.card())),
    }  # fmt: skip


def write(directory: Path) -> list[str]:
    names = []
    for name, (template, path, context) in pages().items():
        made = render_to_string(template, context, request(path))
        (directory / f"{name}.html").write_text(made)
        names.append(name)
    return names


def serve(directory: Path) -> tuple[http.server.ThreadingHTTPServer, int]:
    web = Path(__file__).resolve().parents[3] / "lotline" / "web" / "static"
    shutil.rmtree(directory / "static", ignore_errors=True)
    shutil.copytree(web, directory / "static")
    import django_htmx

    shutil.copytree(
        Path(django_htmx.__file__).parent / "static", directory / "static", dirs_exist_ok=True
    )

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(directory))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, server.server_port


def shoot(directory: Path, names: list[str], sizes: list[str], themes: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    server, port = serve(directory)
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        for size in sizes:
            width, height = SIZES[size]
            for theme in themes:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme,  # type: ignore[arg-type]  # one of two words
                    has_touch=width < 800, is_mobile=width < 800, device_scale_factor=1,
                )  # fmt: skip
                tab = context.new_page()
                for name in names:
                    tab.goto(f"http://127.0.0.1:{port}/{name}.html")
                    over = tab.evaluate(
                        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                    )
                    if over > 0:
                        print(f"{name} {size}: {over}px too wide")
                    tab.screenshot(path=str(directory / f"{name}-{size}-{theme}.png"))
                context.close()
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    made = write(out)
    asked = [arg for arg in sys.argv[2:] if not arg.startswith("--")] or made
    if "--shots" in sys.argv:
        sizes = ["desktop", "phone"] if "--all" not in sys.argv else list(SIZES)
        shoot(out, asked, sizes, ["light", "dark"] if "--dark" in sys.argv else ["light"])
