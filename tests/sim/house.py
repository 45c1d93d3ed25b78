"""What both rings must be able to do: the hands by which a life moves a house, and what it sees.

Ring one is a house in memory over the product's core; ring two the product itself on PostgreSQL.
A life is told to either and must not be able to tell which one it is.

Not here: what happens (`life`), what must hold (`auditor`), the two houses (`memory`, `real`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from lotline.core.carriers.port import Found, Outcome, ReceiptWord
from lotline.core.gate.decision import Decision
from lotline.core.gate.facts import Facts
from tests.town import Clock

Name = Hashable  # how a house calls one of its texts


class Died(BaseException):
    """The process ended here: nothing is answered, and what was not committed never was."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A text at the carrier's door. `handle` is the house's own."""

    name: Name
    to: str
    body: str
    handle: Any


@dataclass(frozen=True, slots=True)
class Look:
    """One text as the house has it on record, with the last word of the gate on it."""

    purpose: str
    state: str
    created_at: datetime
    stage: str
    facts: Facts
    decision: Decision


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a member's screen learned."""

    name: Name
    state: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a process ends: before the act, after it, or at its n-th statement."""

    where: str  # before | after | within
    statement: int = 0


class House(Protocol):
    """One company with one line, three phones, two workers and a clock."""

    clock: Clock
    phones: tuple[str, ...]
    digest: str

    def arrive(self, phone: str, body: str, sid: str) -> str:
        """What was heard; "repeated" when the call was here before."""

    def shuts(self, phone: str, body: str) -> bool:
        """Whether such a text takes something out of the queue."""

    def meanwhile(
        self, act: Callable[[], Any], finish: Callable[[], None], shuts: Callable[[], bool]
    ) -> Any:
        """`act` while texts to its contact are in hand; who must wait for `finish` does."""

    def cut(self, act: Callable[[], Any], cut: Cut | None) -> Any:
        """The act by a process that ends there; raises `Died`."""

    def knows(self, phone: str) -> bool:
        """Whether there is anybody to be texted under this number."""

    def contact(self, phone: str) -> Hashable | None: ...

    def tap(
        self, phone: str, body: str, client: int, purpose: str | None, send_at: datetime | None
    ) -> Tapped | None:
        """None: refused, and the words are still in the box."""

    def undo(self, name: Name) -> bool: ...

    def staff_stop(self, phone: str) -> bool:
        """False: there is nobody any more to stop for."""

    def claim(self, worker: str, limit: int) -> list[Any]: ...

    def holds(self, due: Sequence[Any]) -> set[Hashable]:
        """The contacts whose gates are open while these are in hand."""

    def prepare(self, worker: str, due: Sequence[Any]) -> list[Offer]:
        """Gates opened, second look. Empty, and the gates left, when the clock is not to be
        trusted.
        """

    def leave(self, worker: str) -> None:
        """The carrier answered, or the process that held the gates is gone."""

    def outcomes(self, answered: Sequence[tuple[Offer, Outcome]]) -> None: ...

    def receipt(
        self, name: Name, phone: str, carrier_id: str, word: ReceiptWord, code: str
    ) -> bool:
        """True: it was there already."""

    def unsettled(self) -> list[tuple[Name, str, Any]]:
        """Texts of which nobody knows whether they left: name, to whom, and the house's own."""

    def settle(self, handle: Any, found: Found) -> bool: ...

    def by_hand(self, name: Name, *, sent: bool) -> bool: ...

    def sequence(self) -> int:
        """How many leaves the log has now."""

    def erase(self, phone: str) -> None: ...

    def rotate(self) -> None:
        """The next step of a rotation of the company's keys."""

    def outsiders_try(self, phone: str, name: Name | None) -> None:
        """Who is out, or never was in, tries to read and to send; nothing may come of it."""

    def lose_device(self) -> None:
        """The device that texts from here is ended; its member signs in on another."""

    def look(self, name: Name) -> Look: ...

    def state(self, name: Name) -> str: ...

    def next_due(self) -> datetime | None: ...

    def grown(self) -> Sequence[int]:
        """How much there is of what only grows."""

    def waiting(self) -> list[tuple[str, str]]:
        """Purpose and state of what is not at rest."""

    def stored(self) -> list[str]:
        """The carrier's names of every text that came in."""

    def check(self) -> None:
        """What only this house can ask of itself when all is at rest."""
