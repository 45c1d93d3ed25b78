"""Template words of our own: icons, avatars, marks and instants. Each prints escaped HTML."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lotline.core.base.numbers import shown
from lotline.core.oversight.measures import load_measures
from lotline.core.people.rights import Right, may
from lotline.store.shown import Viewer
from lotline.web.clock import Clock
from lotline.web.words import Mark, first_name, initials

register = template.Library()


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("icons.svg")


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """One glyph of the sprite; hidden from readers unless it is given a label."""
    name = name if name[:2] in ("i-", "v-") or name == "logo" else f"i-{name}"
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="i {}" {}><use href="{}#{}"/></svg>', classes, said, _sprite(), name
    )


@register.simple_tag
def glyph(mark: Mark, classes: str = "i-14", label: str = "") -> SafeString:
    """A mark's glyph, filled or drawn as the mark asks."""
    if not mark.glyph:
        return SafeString("")
    return icon(mark.glyph, f"{classes} solid" if mark.solid else classes, label)


@register.simple_tag
def avatar(name: str, hue: int, classes: str = "") -> SafeString:
    """Initials on a tint; decoration, since the name always stands beside it."""
    tens = int(hue) % 360 // 10 * 10
    return format_html(
        '<span class="av {} h{}" aria-hidden="true">{}</span>', classes, tens, initials(name)
    )


@register.simple_tag
def about(key: str) -> SafeString:
    """The "i" beside a number: one tap, and it says what exactly is counted."""
    one = load_measures()[key]
    return format_html(
        '<details class="about"><summary><span class="vh">What “{}” means</span>{}</summary>'
        "<p>{}</p></details>",
        one.name,
        icon("info", "i-16"),
        one.says,
    )


@register.filter
def commas(number: int) -> str:
    """Says "1,284"."""
    return f"{number:,}"


@register.filter
def get(found: dict[str, str], name: str) -> str:
    """What stands under a name that a template cannot write."""
    return found[name]


@register.filter
def right_of(name: str, viewer: Viewer) -> bool:
    """Whether the viewer has this right, by role or by its being given."""
    return may(viewer.role, Right(name))


@register.filter
def first(name: str) -> str:
    """The first name."""
    return first_name(name)


@register.filter
def number(e164: str) -> str:
    """A number as people write it."""
    try:
        return shown(e164)
    except ValueError:
        return e164


@register.filter
def counted(many: int) -> str:
    """A number with its thousands apart."""
    return f"{many:,}"


@register.simple_tag
def instant(clock: Clock, at: datetime, form: str = "time") -> SafeString:
    """A moment in the clock's zone, exact for machines, with the zone in its title."""
    said = {"time": clock.time, "day": clock.day, "brief": clock.brief, "full": clock.full}[form](
        at
    )
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        at.isoformat(timespec="seconds"),
        clock.full(at),
        clock.zone_said,
        said,
    )


@register.filter
def at(clock: Clock, moment: datetime) -> str:
    """Says "8:05 PM" of a moment, in the clock's zone."""
    return clock.time(moment)
