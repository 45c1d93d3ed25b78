"""The ways in which an action says no to a person.

Not here: the gate's no, which is a decision and is kept (`core.gate`).
"""

from __future__ import annotations


class NotYours(Exception):
    """It is not there, or not for them: both look the same from outside (404)."""


class NotAllowed(Exception):
    """They may see it, but not do this (403)."""


class Refused(Exception):
    """It cannot be done as asked; `says` is a sentence for the person (422)."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


class Stale(Exception):
    """Something happened since the page they act from: it is shown before they go on (409)."""

    def __init__(self, by_name: str, what: str, seconds: int) -> None:
        super().__init__(what)
        self.by_name = by_name
        self.what = what  # reply | stop
        self.seconds = seconds


class ClockWentBack(Exception):
    """What is on record happened later than our clock says it is: no hour can be trusted (503)."""
