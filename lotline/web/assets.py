"""Which sheets and scripts a page links, in order. One file per area; nothing is bundled."""

from __future__ import annotations

from functools import lru_cache

from django.templatetags.static import static

SHEETS = ("base", "desk", "pages")
# In order: ours first, so that the library finds what it may not do.
SCRIPTS = (
    "js/lot", "django_htmx/htmx-2.min", "js/live", "js/desk", "js/composer", "js/keys",
)  # fmt: skip


@lru_cache(maxsize=1)
def sheets() -> tuple[str, ...]:
    return tuple(static(f"css/{name}.css") for name in SHEETS)


@lru_cache(maxsize=1)
def scripts() -> tuple[str, ...]:
    return tuple(static(f"{name}.js") for name in SCRIPTS)
