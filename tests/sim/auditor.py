"""The auditor: knows little of how things work, and much of what must never happen.

It keeps its own account of who stopped, by what was acknowledged, and watches the carrier's door.
Where an answer never came it does not know what happened, and gives the house the benefit.

Not here: what happens (`life`).
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lotline.core.gate.gate import decide, facts_from_json, facts_to_json
from lotline.core.gate.rulebook import load_rulebook
from tests.sim.house import House, Name, Offer, Tapped
from tests.sim.said import NO_OFFERS, OUT, STARTS

COLUMBUS = ZoneInfo("America/New_York")
BOOK = load_rulebook()
SLACK = timedelta(minutes=2)
CONFIRMS_FOR = timedelta(minutes=5)
NEVER_COVERED = frozenset({"stop_confirmation", "help"})
REPLAYED_ONE_IN = 6


class Auditor:
    """P1 to P5 and P9, told apart from the code that keeps them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.stopped: dict[str, datetime] = {}
        self.said_no: dict[str, datetime] = {}  # the last that may be owed a confirmation
        self.no_offers: set[str] = set()
        self.asked_again: set[str] = set()
        self.doubtful: set[str] = set()  # a START to which nobody knows the answer
        self.doubtful_offers: set[str] = set()  # the same, for who had refused offers alone
        self.confirmed: Counter[str] = Counter()
        self.owed: set[Name] = set()
        self.left: Counter[Name] = Counter()
        self.taps: dict[int, Name] = {}
        self.undone: set[Name] = set()
        self.kept: set[str] = set()
        self.grown: tuple[int, ...] = ()
        self.size = 0
        self.newest = datetime(2000, 1, 1, tzinfo=UTC)
        self.offered = 0

    # -- customers -------------------------------------------------------------------------------

    def says(self, phone: str, body: str) -> None:
        """Sent on its way: from here on it may have been taken in, answered or not."""
        now = self.house.clock()
        if body in OUT or body in NO_OFFERS:
            if phone not in self.stopped or phone in self.doubtful:
                self.said_no[phone] = max(now, self.said_no.get(phone, now))
            return
        if body in STARTS:
            self.doubtful.add(phone)
            self.doubtful_offers.add(phone)
        elif phone in self.stopped:
            self.asked_again.add(phone)

    def heard(self, phone: str, body: str, sid: str, *, repeated: bool) -> None:
        """It was acknowledged."""
        if sid:
            self.kept.add(sid)
        if repeated:
            return  # what it did, it did when it first came; which may have been unseen
        now = self.house.clock()
        if body in STARTS:
            self.doubtful.discard(phone)
            self.doubtful_offers.discard(phone)
            self.stopped.pop(phone, None)
            self.no_offers.discard(phone)
        elif body in OUT:
            if phone not in self.stopped or phone in self.doubtful:  # a new stop, or maybe one
                self.confirmed[phone] = 0
            self.stopped[phone] = max(now, self.stopped.get(phone, now))
            self.asked_again.discard(phone)
            self.doubtful.discard(phone)
            self.doubtful_offers.discard(phone)
        elif body in NO_OFFERS:  # whether an older stop still stands, it does not say
            self.no_offers.add(phone)
            self.doubtful_offers.discard(phone)

    # -- members ---------------------------------------------------------------------------------

    def tapped(self, client: int, done: Tapped) -> None:
        """One tap is one text, however often it is pressed."""
        known = self.taps.setdefault(client, done.name)
        assert known == done.name, "P4: one tap became two texts"
        if not done.repeated:
            others = [one for other, one in self.taps.items() if other != client]
            assert done.name not in others, "P4: two taps became one text"

    # -- the carrier's door ----------------------------------------------------------------------

    def watch(self, offer: Offer, looked_at: datetime) -> None:
        """Each text at the carrier's door, before the carrier says anything."""
        look = self.house.look(offer.name)
        decision = look.decision
        self.offered += 1
        self._no_text_after_a_stop(offer, look.purpose, looked_at)
        assert decision.verdict == "allow", "P2: it left without leave"
        assert look.stage in {"dispatch", "release"}, "P2: it left without a second look"
        assert decision.rulebook == self.house.digest, "P2: under no known rulebook"
        assert decision.decided_at == looked_at, "P2: by an older look than the last"
        if self.offered % REPLAYED_ONE_IN == 0:
            again = decide(facts_from_json(facts_to_json(look.facts)), BOOK)
            assert again == decision, "P2: a replay differs"
        assert look.created_at - looked_at <= SLACK, "P9: it left by a clock nobody may trust"
        assert look.state == "sending", "P4: it was offered before it was marked"
        assert offer.name not in self.undone, "P4: an undone text left"
        if look.purpose == "offer":
            hour = looked_at.astimezone(COLUMBUS).hour
            assert 8 <= hour < 21, f"P9: an offer at {hour} o'clock"
        self.left[offer.name] += 1
        assert self.left[offer.name] == 1, "P4: the carrier was offered it twice"

    def _no_text_after_a_stop(self, offer: Offer, purpose: str, looked_at: datetime) -> None:
        phone = offer.to
        if purpose == "stop_confirmation" and phone in self.stopped:
            self.confirmed[phone] += 1
            assert self.confirmed[phone] <= 1, "P1: a stop was confirmed twice"
            late = looked_at - self.said_no[phone]
            assert late <= CONFIRMS_FOR + SLACK, "P1: a stop was confirmed late"
        if purpose in NEVER_COVERED:
            return
        refused = phone in self.no_offers - self.doubtful_offers
        assert not refused or purpose != "offer", "P1: an offer after no offers"
        if phone in self.stopped and phone not in self.doubtful:
            # Who stopped and then asks something new is owed one answer, and the stop stays.
            asked = phone in self.asked_again
            assert purpose == "reply", f"P1: {purpose} reached the carrier after a stop"
            assert asked, "P1: a reply to nothing reached the carrier after a stop"
            self.asked_again.discard(phone)
            self.owed.add(offer.name)

    def not_taken(self, offer: Offer) -> None:
        """The carrier proves that it took nothing, so it may be offered again."""
        self.left[offer.name] -= 1
        if self.house.look(offer.name).purpose == "stop_confirmation":
            self.confirmed[offer.to] -= 1
        if offer.name in self.owed and offer.to in self.stopped:
            self.asked_again.add(offer.to)

    # -- the record ------------------------------------------------------------------------------

    def look(self) -> None:
        """After each moment: what only grows has only grown."""
        self.newest = max(self.newest, self.house.clock())
        grown = tuple(self.house.grown())
        shrank = any(now < then for now, then in zip(grown, self.grown, strict=False))
        assert not shrank, f"P5: {self.grown} became {grown}"
        self.grown = grown

    def placed(self, size: int) -> None:
        assert size >= self.size, "P5: the log became shorter"
        self.size = size

    def at_rest(self) -> None:
        """When nothing happens any more, nothing still waits, and everything is on record."""
        waits = [one for one in self.house.waiting() if one[0] != "offer"]
        assert waits == [], f"a wait that never ends: {waits}"
        stored = Counter(self.house.stored())
        lost = [sid for sid in self.kept if stored[sid] == 0]
        assert lost == [], f"P3: acknowledged, and not there: {lost}"
        twice = [sid for sid, count in stored.items() if count > 1]
        assert twice == [], f"P3: kept twice: {twice}"
        for name in self.taps.values():
            assert self.house.state(name), "P3: shown as kept, and not there"
