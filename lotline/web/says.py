"""Filling the braces of the gate's sentences with what only the screen knows: name, line, place.

The sentence itself comes from the rulebook, whole; nothing is added to it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from lotline.core.gate.decision import Decision, Finding, Remedy, Verdict
from lotline.core.oversight.explained import plain
from lotline.store.profiles import Chosen
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


def ways_said(ways: Sequence[Remedy]) -> tuple[str, ...]:
    """What would make a text go, each in the rulebook's plain words."""
    said: dict[str, str] = plain()["ways"]
    return tuple(said[way.value] for way in ways if way.value in said)


def loosened_said(decision: Decision, chosen: Iterable[Chosen]) -> str:
    """Each finding that says a point was loosened, with the owner, the day and counsel by name."""
    by_id = {str(one.id): one for one in chosen}
    said = []
    for found in decision.findings:
        params = dict(found.params)
        choice = by_id.get(params.get("setting", ""))
        if choice is None:
            continue
        day = date.fromisoformat(params["on"])
        words = {"owner": choice.set_by_name, "on": f"{day:%b} {day.day}, {day.year}"}
        if choice.word is not None:
            words["counsel"] = choice.word.counsel
        said.append(found.sentence(**words))
    return " ".join(dict.fromkeys(said))
