"""What a long past adds up to, counted while it is made: the rows that counting would leave.

All of it up to a million and a half texts, beyond that the newest: a dashboard looks back at most
three months. A test holds that counting anew changes nothing.

Not here: counting (`core.oversight.counting`), the texts that are counted (`past`).
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lotline.config.bench.making import NONE, Making, Talk
from lotline.store.counts import NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

COUNTED = 1_500_000  # of the newest texts
ZONE = ZoneInfo("America/New_York")  # of every store of it
COUNTS = {
    "count_days": "count_days (group_id, contact_id, conversation_id, line_id, day, author_id,"
    " sent, received, allowed, held, blocked)",
    "count_texts": "count_texts (group_id, contact_id, text_id, what, conversation_id, line_id,"
    " author_id, at, day, why)",
    "count_waits": "count_waits (group_id, contact_id, text_id, conversation_id, line_id,"
    " author_id, started_at, ended_at, day, hour, open_s)",
}
_OUT_OF_REACH = frozenset({"none", "out"})
_COUNTED = """
insert into counted (group_id, xid, n, behind, counted_at)
values (%s, pg_snapshot_xmin(pg_current_snapshot()), 0, null, %s)
on conflict (group_id) do update set behind = null, counted_at = excluded.counted_at
"""


class Counting:
    """Texts are told in the order of time; rows wait as COPY takes them until they are taken."""

    def __init__(self, made: Making, rule: str) -> None:
        """`rule` is the binding one of the decision that stands for all."""
        self._group = made.company.group_id.hex
        self._nobody = NOBODY.hex
        self._rule = rule
        self._answered_rule = rule == "law.reply"
        self._until_ms = 0
        self._day = ""
        self._days: dict[tuple[Talk, bool], list[int]] = {}
        self._rows: dict[str, list[str]] = {name: [] for name in COUNTS}

    def told(self, talk: Talk, name: str, ms: int, at: str, *, state: str, decided: bool) -> None:
        """One text. `decided`: its decision is on record."""
        if ms >= self._until_ms:
            self._turn(ms)
        incoming = state == "received"
        day = self._days.setdefault((talk, incoming), [0, 0, 0])
        if incoming:
            day[0] += 1
            if talk.asked is None:
                talk.asked = (name, ms, at)
            return
        place = f"{talk.id}\t{talk.line_hex}\t{talk.staff}"
        if state == "blocked":
            day[2] += 1
            why = self._rule if decided else ""
            self._mark(talk, name, "blocked", f"{place}\t{at}\t{self._day}\t{why}")
            return
        day[1] += 1
        stands = talk.level if ms >= talk.agreed_ms else "none"
        if stands in _OUT_OF_REACH and not (decided and self._answered_rule):
            why = "none" if decided else "imported"
            self._mark(talk, name, "without", f"{place}\t{at}\t{self._day}\t{why}")
        if talk.asked is not None:
            self._answer(talk, ms, at, place)

    def taken(self) -> dict[str, list[str]]:
        """All rows since they were last asked for."""
        rows, self._rows = self._rows, {name: [] for name in COUNTS}
        return rows

    def finish(self) -> None:
        """The last day is over too."""
        self._flush()

    def _answer(self, talk: Talk, ms: int, at: str, place: str) -> None:
        assert talk.asked is not None, "somebody waited"
        name, asked_ms, asked_at = talk.asked
        talk.asked = None
        hour = datetime.fromtimestamp(asked_ms / 1000, ZONE).hour
        self._rows["count_waits"].append(
            f"{self._group}\t{talk.contact}\t{name}\t{place}\t{asked_at}\t{at}\t{self._day}\t"
            f"{hour}\t{(ms - asked_ms) // 1000}\n"
        )

    def _mark(self, talk: Talk, name: str, what: str, rest: str) -> None:
        self._rows["count_texts"].append(f"{self._group}\t{talk.contact}\t{name}\t{what}\t{rest}\n")

    def _turn(self, ms: int) -> None:
        """It is another day at the stores."""
        self._flush()
        here = datetime.fromtimestamp(ms / 1000, ZONE)
        self._day = here.date().isoformat()
        tomorrow = datetime.combine(here.date() + timedelta(days=1), time(), ZONE)
        self._until_ms = int(tomorrow.timestamp() * 1000)

    def _flush(self) -> None:
        rows = self._rows["count_days"]
        for (talk, incoming), (received, sent, blocked) in self._days.items():
            author = self._nobody if incoming else talk.staff
            rows.append(
                f"{self._group}\t{talk.contact}\t{talk.id}\t{talk.line_hex}\t{self._day}\t{author}\t"
                f"{sent}\t{received}\t{sent}\t0\t{blocked}\n"
            )
        self._days = {}


def keep_moves(link: psycopg.Connection[Any], made: Making, talks: Sequence[Talk]) -> None:
    """How each customer came to stand where they do, and that all is counted."""
    group = made.company.group_id
    with (
        link.cursor() as cursor,
        cursor.copy(
            "copy count_moves (group_id, contact_id, entry_id, at, was, now, source, credited_id,"
            " last) from stdin"
        ) as copy,
    ):
        for talk in talks:
            if talk.entry == NONE:
                continue
            credited = talk.out_at != NONE if talk.credited is None else talk.credited
            at = datetime.fromtimestamp(talk.agreed_ms / 1000, UTC).isoformat(" ", "milliseconds")
            copy.write(
                f"{group.hex}\t{talk.contact}\t{talk.entry}\t{at}\tnone\t{talk.level}\t{talk.source}\t"
                f"{talk.staff if credited else NOBODY.hex}\tt\n"
            )
    link.execute(_COUNTED, [group, made.now])
