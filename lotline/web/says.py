"""Filling the braces of the gate's sentences with what only the screen knows: name, line, place.

The sentence itself comes from the rulebook, whole; nothing is added to it here.
"""

from __future__ import annotations

from typing import Any

from lotline.core.gate.decision import Finding, Verdict
from lotline.web.clock import hour_said, said_zone
from lotline.web.words import first_name


def words_for(
    name: str, line: str = "", place: str = "", zones: tuple[str, ...] = ()
) -> dict[str, str]:
    """What a sentence about this customer may name."""
    city = place.split(",", maxsplit=1)[0].strip()
    filled = {"name": first_name(name)}
    if line:
        filled["line"] = line
    if city or zones:
        filled["zone_place"] = city or f"{said_zone(zones[0])} time"
    return filled


def sentence(found: Finding | dict[str, Any] | None, words: dict[str, str]) -> str:
    """The finding's sentence; of a stored finding as of a fresh one."""
    if not found:
        return ""
    if isinstance(found, dict):
        params = tuple((str(key), str(value)) for key, value in found.get("params") or ())
        found = Finding(
            str(found.get("rule", "")), Verdict.BLOCK, str(found.get("says", "")), params=params
        )
    said = dict(found.params)
    extra = {}
    if "local_time" in said:
        extra["local_time"] = hour_said(said["local_time"])
    if "zone_place" not in words and said.get("zone"):
        extra["zone_place"] = f"{said_zone(said['zone'])} time"
    return found.sentence(**words, **extra)
