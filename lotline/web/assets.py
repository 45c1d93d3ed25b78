"""Which sheets and scripts a page links, in order. One file per area; nothing is bundled."""

from __future__ import annotations

from functools import lru_cache

from django.templatetags.static import static

SHEETS = (
    "tokens", "base", "parts", "list", "log", "composer", "panel", "frame", "pages", "session",
)  # fmt: skip
SCRIPTS = ("lot", "live", "desk", "composer", "send", "keys", "menu", "local-time", "away")


@lru_cache(maxsize=1)
def sheets() -> tuple[str, ...]:
    return tuple(static(f"css/{name}.css") for name in SHEETS)


@lru_cache(maxsize=1)
def scripts() -> tuple[str, ...]:
    return tuple(static(f"js/{name}.js") for name in SCRIPTS)
