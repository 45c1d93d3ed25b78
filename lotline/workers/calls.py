"""Calls to others that are due, address by address.

A call that takes long delays nobody's texts: this loop sends none. Nor does it delay another
address: each has its own few calls in hand, and as long as one of them is not answered nothing more
is claimed for that address, while the others go on.

Not here: what is said to whom, and when it is tried again (`webhooks`, `push`, and their actions).
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from lotline.core.people.webhooks import Said
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context

AT_ONCE = 4  # calls of one address

Address = TypeVar("Address", bound=Hashable)
Item = TypeVar("Item")


class Calls(ABC, Generic[Address, Item]):
    """One for the process. Several processes may work beside each other: claims keep them apart."""

    def __init__(
        self, ctx: Context, *, name: str, addresses: int, patience_s: float | None = None
    ) -> None:
        """So many `addresses` are told at once. `patience_s`: how long a step waits for answers;
        None is until all have come.
        """
        self._ctx = ctx
        self._most = addresses
        self._patience_s = patience_s
        self._addresses = ThreadPoolExecutor(addresses, thread_name_prefix=name)
        self._calls = ThreadPoolExecutor(addresses * AT_ONCE, thread_name_prefix=f"{name}-call")
        self._going: dict[Future[None], tuple[UUID, Address]] = {}
        self._dice = random.SystemRandom()

    def step(self) -> bool:
        """A round over all groups. True when one of them may have more."""
        self._forget_answered()
        began = [self._round(group_id) for group_id in load_group_ids(self._ctx.db)]
        wait(self._going, self._patience_s)
        self._forget_answered()
        return any(began)

    def prune(self) -> bool:
        """What is over, group by group."""
        for group_id in load_group_ids(self._ctx.db):
            self._prune(group_id)
        return False

    def close(self) -> None:
        """Wait for what is in hand."""
        self._addresses.shutdown(wait=True)
        self._calls.shutdown(wait=True)

    @abstractmethod
    def _gather(self, group_id: UUID) -> object:
        """What happened becomes calls that are due."""

    @abstractmethod
    def _claim(self, group_id: UUID, room: int, busy: set[Address]) -> list[Item]:
        """Due calls of so many addresses, none of them `busy`."""

    @abstractmethod
    def _address(self, item: Item) -> Address:
        """Whom a call is to."""

    @abstractmethod
    def _call(self, item: Item) -> Said:
        """One call; whatever happens is an outcome."""

    @abstractmethod
    def _record(
        self, group_id: UUID, answered: Sequence[tuple[Item, Said]], chances: Sequence[float]
    ) -> None:
        """How they went; a chance each, for when it is tried again."""

    @abstractmethod
    def _prune(self, group_id: UUID) -> object:
        """Forget what is over."""

    def _forget_answered(self) -> None:
        """A fault of what is over is the step's fault, once."""
        over = [one for one in self._going if one.done()]
        for one in over:
            del self._going[one]
        for one in over:
            one.result()

    def _round(self, group_id: UUID) -> bool:
        self._gather(group_id)
        room = self._most - len(self._going)
        if room <= 0:
            return False
        busy = {address for group, address in self._going.values() if group == group_id}
        due = self._claim(group_id, room, busy)
        by_address: dict[Address, list[Item]] = defaultdict(list)
        for one in due:
            by_address[self._address(one)].append(one)
        for address, several in by_address.items():
            told = self._addresses.submit(self._tell, group_id, several)
            self._going[told] = (group_id, address)
        return bool(due)

    def _tell(self, group_id: UUID, several: list[Item]) -> None:
        answered: list[tuple[Item, Said]] = []
        for at in range(0, len(several), AT_ONCE):
            some = several[at : at + AT_ONCE]
            answered += zip(some, self._calls.map(self._call, some), strict=True)
        self._record(group_id, answered, [self._dice.random() for _ in answered])
