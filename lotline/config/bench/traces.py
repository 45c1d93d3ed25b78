"""What a text leaves behind beside itself: the call that brought it, a decision, a receipt, a leaf.

One decision that was really made stands for all; leaves are real ones, chained for each customer,
but nobody gives them their place in the log.

Not here: texts and their words (`past`), what they add up to (`counted`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.config.bench.making import NONE, Making, Names, Talk
from lotline.core.base.sealing import row_identity
from lotline.core.ledger.leaf import LeafKind, make_leaf, next_link
from lotline.core.oversight.content import TEXT, text_part

if TYPE_CHECKING:
    import psycopg

_DECIDED = (
    *("stage", "verdict", "binding_rule", "findings", "without_offer"),
    *("facts", "rulebook", "hold_until"),
)
TRACES = {
    "arrivals": "arrivals (group_id, id, carrier, account, carrier_id, kind, contact_id, text_id,"
    " raw_ct, arrived_at)",
    "receipts": "receipts (group_id, id, text_id, word, state, rank, carrier_at, arrived_at)",
    "decisions": "decisions (group_id, id, text_id, contact_id, decided_at,"
    f" {', '.join(_DECIDED)})",
    "ledger_leaves": "ledger_leaves (group_id, id, kind, subject_id, contact_id, chain_seq, leaf,"
    " leaf_hash, made_at)",
}
# What a carrier's call holds beside the words, about as long as theirs.
_AROUND = (
    b"ToCountry=US&ToState=OH&NumMedia=0&FromCity=&SmsStatus=received&NumSegments=1" + b"&x" * 200
)


@dataclass(frozen=True, slots=True)
class Said:
    """One text of the past, as it stands at the end."""

    talk: Talk
    name: str  # its id, in hex
    ms: int
    at: str
    state: str
    body: bytes


class Traces:
    """Rows as COPY takes them, kept until they are taken."""

    def __init__(self, made: Making) -> None:
        self._group = made.company.group_id
        self._account = made.company.account
        self._names = Names(made.now)
        self._aad = row_identity("arrivals", "raw_ct", self._group)
        decided = {name: made.company.decision[name] for name in _DECIDED}
        self._allowed = _columns(decided)
        self._blocked = _columns({**decided, "verdict": "block"})
        self._rows: dict[str, list[str]] = defaultdict(list)

    def leave(self, said: Said) -> None:
        """Of one text."""
        talk, name, at, state = said.talk, said.name, said.at, said.state
        group, mine = self._group.hex, self._names().hex
        incoming = state == "received"
        if incoming:
            raw = talk.aad_key.seal(_AROUND + said.body, self._aad + bytes.fromhex(mine)).hex()
            self._rows["arrivals"].append(
                f"{group}\t{mine}\ttwilio\t{self._account}\tSM{name}\tinbound\t{talk.contact}\t"
                f"{name}\t\\\\x{raw}\t{at}\n"
            )
        else:
            columns = self._blocked if state == "blocked" else self._allowed
            self._rows["decisions"].append(
                f"{group}\t{mine}\t{name}\t{talk.contact}\t{at}\t{columns}\n"
            )
        if state == "delivered":
            self._rows["receipts"].append(
                f"{group}\t{mine}\t{name}\tdelivered\tdelivered\t40\t{at}\t{at}\n"
            )
        if state != "blocked":
            self._leaf(said, "in" if incoming else "out")

    def taken(self) -> dict[str, list[str]]:
        """All that was left since it was last asked."""
        rows, self._rows = self._rows, defaultdict(list)
        return rows

    def _leaf(self, said: Said, direction: str) -> None:
        talk, name = said.talk, said.name
        moment = datetime.fromtimestamp(said.ms / 1000, UTC)
        text, contact = UUID(hex=name), UUID(hex=talk.contact)
        part = text_part(
            text,
            contact=contact,
            line=talk.line,
            direction=direction,
            sender="customer" if direction == "in" else "person",
            author=None,
            purpose=None,
            body=said.body.decode(),
            added=None,
            media=(),
            written_at=moment,
        )
        leaf = make_leaf(
            kind=LeafKind.TEXT,
            group=self._group,
            id=text,
            at=moment,
            parts={TEXT: part},
            salt=talk.aad_key.salt(text),
            link=next_link(contact, talk.head),
        )
        talk.head = leaf.head
        self._rows["ledger_leaves"].append(
            f"{self._group.hex}\t{name}\ttext\t{name}\t{talk.contact}\t{leaf.head.seq}\t"
            f"\\\\x{leaf.data.hex()}\t\\\\x{leaf.hash.hex()}\t{said.at}\n"
        )


def keep_heads(link: psycopg.Connection[Any], made: Making, talks: Sequence[Talk]) -> None:
    """Each customer's row knows the end of their chain."""
    heads = [(talk.contact, talk.head) for talk in talks if talk.head is not None]
    link.execute("create temporary table heads (id uuid, seq bigint, head bytea)")
    with link.cursor() as cursor, cursor.copy("copy heads from stdin") as copy:
        for contact, head in heads:
            copy.write_row((contact, head.seq, head.hash))
    link.execute(
        "update contacts c set chain_seq = h.seq, chain_head = h.head from heads h"
        " where c.group_id = %s and c.id = h.id",
        [made.company.group_id],
    )
    link.execute("drop table heads")


def _columns(values: dict[str, Any]) -> str:
    return "\t".join(_written(value) for value in values.values())


def _written(value: Any) -> str:
    if value is None:
        return NONE
    plain = getattr(value, "obj", value)  # what a row's JSON was wrapped for
    text = json.dumps(plain) if isinstance(plain, dict | list) else str(plain)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
