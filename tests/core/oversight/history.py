"""One customer's history as leaves, and the log around it: what the evidence tests attack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lotline.core.consent.entry import Entry, Kind, Says, Scope, Source
from lotline.core.ledger.checkpoint import Checkpoint, PublicKey, Signer, sign_checkpoint
from lotline.core.ledger.leaf import Head, Leaf, LeafKind, Link, make_leaf, next_link
from lotline.core.ledger.merkle import Frontier, Node, append, hash_leaf
from lotline.core.oversight import content
from lotline.core.oversight.evidence import (
    Earlier,
    Exhibit,
    bundle_nodes,
    make_bundle,
    shown_digest,
    write_bundle,
)

GROUP = UUID("018f0000-0000-7000-8000-000000000001")
DANA = UUID("018f0000-0000-7000-8000-0000000000d1")
MARCUS = UUID("018f0000-0000-7000-8000-0000000000d2")
LINE = UUID("018f0000-0000-7000-8000-0000000000b1")
BEN = UUID("018f0000-0000-7000-8000-0000000000e1")
WORDING = UUID("018f0000-0000-7000-8000-0000000000c1")
ORIGIN = "lotline.example/northside"
NOON = datetime(2026, 11, 21, 18, tzinfo=UTC)


def signer(seed: int = 1) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer(PublicKey(ORIGIN, private.public_key().public_bytes_raw()), private.sign)


def salt_of(row: UUID) -> bytes:
    return sha256(b"salt" + row.bytes).digest()


@dataclass
class Town:
    """A log being written: Dana's chain, and other people's leaves between."""

    heads: dict[UUID, Head] = field(default_factory=dict)
    log: list[Leaf] = field(default_factory=list)
    shown: list[tuple[Leaf, Mapping[str, Any]]] = field(default_factory=list)
    signed: list[Earlier] = field(default_factory=list)
    at: datetime = NOON
    rows: int = 0

    def row(self) -> UUID:
        self.rows += 1
        self.at += timedelta(minutes=1)
        return UUID(int=0x018F0000_0000_7000_8000_000000010000 + self.rows)

    def record(
        self,
        kind: LeafKind,
        row: UUID,
        parts: Mapping[str, Any],
        subject: UUID | None = DANA,
        link: Link | None = None,
    ) -> Leaf:
        chained = link or (subject and next_link(subject, self.heads.get(subject)))
        made = make_leaf(
            kind=kind,
            group=GROUP,
            id=row,
            at=self.at,
            parts=parts,
            salt=salt_of(row),
            link=chained or None,
        )
        if made.link is not None:
            self.heads[made.link.of] = made.head
        self.log.append(made)
        if subject != MARCUS:
            self.shown.append((made, parts))
        return made

    def noise(self, count: int = 3) -> None:
        """Somebody else's texts."""
        for _ in range(count):
            self.record(LeafKind.TEXT, self.row(), {"text": {"body": "hi"}}, MARCUS)

    def consent(self, says: Says, **changes: Any) -> UUID:
        row = self.row()
        text = changes.pop("text", None)
        made = Entry(
            id=row,
            says=says,
            scope=Scope.ALL,
            said_at=self.at,
            heard_at=self.at,
            source=Source.TEXT if text else Source.WEB_FORM,
            kind=Kind.WRITTEN if says is Says.YES else None,
        )
        parts = {
            "entry": content.entry_part(
                replace(made, **changes),
                contact=DANA,
                text=text,
                wording=WORDING if says is Says.YES else None,
            ),
            "proof": content.proof_part(row, {"number": "+16145550142", "words": says.value}),
        }
        if says is Says.YES:
            parts["wording"] = content.wording_part(
                WORDING, name="web form", version=3, body="By pressing Send I agree to texts."
            )
        self.record(LeafKind.CONSENT, row, parts)
        return row

    def text(self, direction: str, body: str, purpose: str = "reply", verdict: str = "") -> UUID:
        row = self.row()
        out = direction == "out"
        parts = {
            "text": content.text_part(
                row,
                contact=DANA,
                line=LINE,
                direction=direction,
                sender="person" if out else "customer",
                author=BEN if out else None,
                purpose=purpose if out else None,
                body=body,
                added=None,
                media=[],
                written_at=self.at,
            )
        }
        if verdict:
            parts |= self.decided(self.row(), row, verdict)
        self.record(LeafKind.TEXT, row, parts)
        return row

    def decided(self, decision: UUID, text: UUID, verdict: str) -> dict[str, Any]:
        return {
            "decision": content.decision_part(
                decision,
                text=text,
                contact=DANA,
                stage="dispatch",
                verdict=verdict,
                rulebook="ab" * 32,
                findings=[{"rule": "law.hours", "verdict": verdict, "says": "It is late there."}],
                hold_until=None,
                decided_at=self.at,
            ),
            "facts": content.facts_part({"purpose": "reply", "marks": [], "number_kind": "mobile"}),
        }

    def decide(self, text: UUID, verdict: str) -> None:
        row = self.row()
        self.record(LeafKind.DECISION, row, self.decided(row, text, verdict))

    def sign(self, *signers: Signer) -> str:
        frontier = append(Frontier(), [leaf.hash for leaf in self.log]).frontier
        note = sign_checkpoint(
            Checkpoint(ORIGIN, frontier.size, frontier.root), signers or (signer(),)
        )
        self.signed.append(Earlier(note, frontier.size))
        return note

    def nodes(self) -> dict[Node, bytes]:
        return dict(append(Frontier(), [leaf.hash for leaf in self.log]).nodes)

    def export(self, withhold: Callable[[str], bool] = lambda name: False) -> dict[str, Any]:
        """The bundle for Dana: an export leaf, a checkpoint over it, and the proofs."""
        shown = [
            (leaf, {name: part for name, part in parts.items() if not withhold(name)})
            for leaf, parts in self.shown
        ]
        chain = [(leaf, parts) for leaf, parts in shown if leaf.link]
        beside = [(leaf, parts) for leaf, parts in shown if not leaf.link]
        row = self.row()
        part = content.export_part(
            row,
            group=GROUP,
            group_name="Northside Subaru",
            contact=DANA,
            contact_name="Dana Whitfield",
            contact_number="+16145550142",
            exporter=BEN,
            exporter_name="Ben Ortiz",
            purpose="a customer's complaint",
            made_at=self.at,
            includes=["consent", "texts"],
            people={BEN: "Ben Ortiz"},
            lines={LINE: "+16145550100"},
            shown=shown_digest([*chain, *beside]),
        )
        earlier = list(self.signed)
        last = self.record(LeafKind.EXPORT, row, {"export": part})
        note = self.sign()
        places = {leaf.hash: at for at, leaf in enumerate(self.log)}
        exhibits = [
            Exhibit(leaf, places[leaf.hash], salt_of(leaf.id), parts)
            for leaf, parts in (*chain, (last, {"export": part}))
        ]
        others = [
            Exhibit(leaf, places[leaf.hash], salt_of(leaf.id), parts) for leaf, parts in beside
        ]
        size = len(self.log)
        wanted = bundle_nodes(size, [*exhibits, *others], earlier)
        stored = self.nodes()
        return make_bundle(
            origin=ORIGIN,
            keys=[signer().public],
            note=note,
            size=size,
            chain=exhibits,
            beside=others,
            earlier=earlier,
            nodes={node: stored[node] for node in wanted},
        )


def dana() -> Town:
    """Agreed, was texted, wrote, said stop, was told so, asked one more thing and got an answer."""
    town = Town()
    town.noise()
    town.consent(Says.YES)
    town.text("out", "Your Outback is ready.", "update", "allow")
    town.noise(1)
    held = town.text("in", "When do you close?")
    town.decide(held, "hold")
    town.text("out", "At six.", "reply", "allow")
    row = town.row()
    town.record(
        LeafKind.POLICY_SIGNATURE,
        row,
        {"act": content.act_part(row, "policy.signed", actor=BEN, detail={"version": 4})},
        None,
    )
    town.sign()
    town.noise(5)
    stop = town.text("in", "STOP")
    town.consent(Says.STOP, text=stop)
    town.text("out", "You will get no more texts.", "stop_confirmation", "allow")
    row = town.row()
    town.record(LeafKind.ACCESS, row, {"act": content.act_part(row, "read", actor=BEN, about=DANA)})
    town.decide(town.row(), "block")
    town.text("in", "What was the price again?")
    town.text("out", "24,900.", "reply", "allow")
    town.noise(2)
    return town


BUNDLE = dana().export()
WHOLE = write_bundle(BUNDLE)
STRANGER = hash_leaf(b"stranger")
