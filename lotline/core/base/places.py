"""Where a person may be: the candidate states and time zones behind a number and a ZIP.

A number is portable, so an area code says where it was issued, not where its owner is. A place
is therefore a set of candidates, and whoever asks must satisfy every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Candidate states and zones by `numbers.md`. Empty zones: nobody knows where they are."""

    states: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    source: str = "unknown"  # zip | stated | area_code | unknown
