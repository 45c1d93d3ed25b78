"""Evidence leaves the house: one contact's bundle, with everything that is needed to check it.

That it leaves is said first: the export is a leaf at the end of the contact's own chain, and names
what the bundle shows. Only then is the log sequenced and signed, and the bundle made under that
signature, so nothing can be cut from its end or left out of its middle unseen.

A manager's bundle shows the texts of lines in their reach; of all else it shows that it is there.

Not here: checking a bundle (`core.oversight.verify`), pages and files (`web`, `cli`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.actions.sequence import sequence
from lotline.core.ledger.canonical import read_instant
from lotline.core.ledger.checkpoint import BadNote, PublicKey, open_note, signers_of
from lotline.core.ledger.leaf import Leaf, LeafKind
from lotline.core.oversight.content import ACT, BROUGHT, EXPORT, act_part, export_part
from lotline.core.oversight.evidence import (
    Earlier,
    Exhibit,
    bundle_nodes,
    make_bundle,
    shown_digest,
    write_bundle,
)
from lotline.core.people.roles import may_export_evidence
from lotline.store.audit import load_check
from lotline.store.contacts import load_card
from lotline.store.evidence import (
    EXPORTED,
    Checked,
    Fit,
    check_rows,
    load_chain_leaves,
    load_names,
    load_numbers,
    load_places,
    load_signature_leaves,
    load_subject,
    load_text_devices,
    load_training_leaves,
    seal_export,
)
from lotline.store.groups import load_group
from lotline.store.ledger import Leaves, load_checkpoint, load_nodes
from lotline.store.standing import lock_contacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.core.oversight.paper import Size
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer
    from lotline.store.standing import Contact

NOBODY = UUID(int=0)  # the exporter when a command of the installation asks
LONGEST_PURPOSE = 400
ROUNDS_MAX = 200  # of waiting for the export's place; a twentieth of a second each
TEXT_KINDS = frozenset({LeafKind.TEXT, LeafKind.DECISION, LeafKind.BROUGHT})


@dataclass(frozen=True, slots=True)
class Exporter:
    """Who asks. `lines` None: the whole company; else the lines whose words may be shown."""

    id: UUID | None
    name: str
    lines: frozenset[UUID] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What for, and how much: texts at all, and from when (with it) to when (without it).

    Consent is shown whole, whatever the dates: a stop before them still covers what came later.
    """

    purpose: str
    texts: bool = True
    since: datetime | None = None
    until: datetime | None = None
    paper: Size = "letter"


@dataclass(frozen=True, slots=True)
class Exported:
    """The file, and what a person should know of it. `changed` names rows that were changed."""

    export_id: UUID
    data: bytes
    leaves: int
    shut: int
    changed: tuple[str, ...]
    key: str  # the newest public key, as a reader should hold it
    made_at: datetime


@dataclass(frozen=True, slots=True)
class _Promised:
    """What the export's leaf says will be shown."""

    export: Leaf
    chain: tuple[Exhibit, ...]  # without places yet
    beside: tuple[Exhibit, ...]
    shut: int
    changed: tuple[str, ...]


def export_evidence(
    ctx: Context,
    viewer: Viewer,
    contact_id: UUID,
    *,
    purpose: str,
    texts: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Exported:
    """The bundle of a contact within the viewer's reach."""
    must(viewer, may_export_evidence)
    with ctx.db.transaction(viewer.group_id) as tx:
        if load_card(tx, viewer, contact_id, ctx.now()) is None:
            raise NotYours
    lines = None if viewer.sees_all else viewer.line_ids
    who = Exporter(viewer.member_id, viewer.name, lines)
    return _export(ctx, viewer.group_id, contact_id, who, Asked(purpose, texts, since, until))


def export_by_command(
    ctx: Context,
    group_id: UUID,
    contact_id: UUID,
    *,
    purpose: str,
    name: str,
    texts: bool = True,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Exported:
    """For whoever runs the installation; `name` is who they say they are."""
    asked = Asked(purpose, texts, since, until)
    return _export(ctx, group_id, contact_id, Exporter(None, name), asked)


def _export(
    ctx: Context, group_id: UUID, contact_id: UUID, who: Exporter, asked: Asked
) -> Exported:
    why = " ".join(asked.purpose.split())
    if not why or len(why) > LONGEST_PURPOSE:
        raise Refused("Say what the evidence is for.")
    if asked.since is not None and asked.until is not None and asked.since >= asked.until:
        raise Refused("The last day must not be before the first.")
    promised = _promise(ctx, group_id, contact_id, who, replace(asked, purpose=why))
    sequence_past(ctx, group_id, promised.export.id)
    with ctx.db.transaction(group_id) as tx:
        return _bundle(tx, promised)


# --- first: say what leaves ------------------------------------------------------------------


def _promise(
    ctx: Context, group_id: UUID, contact_id: UUID, who: Exporter, asked: Asked
) -> _Promised:
    with ctx.db.transaction(group_id) as tx:
        found = lock_contacts(tx, [contact_id])
        if contact_id not in found:
            raise NotYours
        subject = load_subject(tx, contact_id)
        if subject is None:
            raise Refused("This customer was erased: nothing of them can be shown any more.")
        contact = found[contact_id]
        checked = check_rows(tx, [leaf for leaf, _ in load_chain_leaves(tx, contact_id)])
        authors = {one for seen in checked for one in seen.members}
        papers = [*load_signature_leaves(tx, authors), *load_training_leaves(tx, authors)]
        beside = check_rows(tx, [leaf for leaf, _ in papers])
        open_texts = _texts_to_show(checked, who, asked)
        chain_shown = tuple(exhibit_of(seen, open_texts) for seen in checked)
        beside_shown = tuple(exhibit_of(seen, open_texts) for seen in beside)
        changed = tuple(says_of(seen) for seen in (*checked, *beside) if is_fault(seen))
        last = load_check(tx)
        torn = () if last is None or last.whole else (f"the whole ledger: {last.first_fault}",)
        now = ctx.now()
        group = load_group(tx)
        export_id = ctx.new_id()
        part = export_part(
            export_id,
            group=group_id,
            group_name=group.name,
            contact=contact_id,
            contact_name=subject.name,
            contact_number=subject.number,
            exporter=who.id or NOBODY,
            exporter_name=who.name,
            purpose=asked.purpose,
            made_at=now,
            includes=["consent", "texts"] if asked.texts else ["consent"],
            people=load_names(tx, authors),
            lines=load_numbers(tx, {one for seen in checked for one in seen.lines}),
            shown=shown_digest((one.leaf, one.parts) for one in (*chain_shown, *beside_shown)),
            span=(asked.since, asked.until),
            zone=str(group.settings.get("zone", "UTC")),
            devices={
                text: label
                for text, label in load_text_devices(tx, contact_id).items()
                if text in open_texts
            },
            faults=(*changed, *torn),
        )
        export, exhibit = _record_export(tx, contact, part, export_id, who, now)
        return _Promised(
            export,
            (*chain_shown, exhibit),
            beside_shown,
            shut=sum(seen.fit is Fit.SHUT for seen in checked),
            changed=changed,
        )


def _texts_to_show(checked: Sequence[Checked], who: Exporter, asked: Asked) -> frozenset[UUID]:
    """The texts that are shown, each with its decisions or not at all: by when it came in or was
    handed over, and by when it was decided when it never left. What a private phone held was on no
    line of ours: it is shown to whoever reaches the customer, by when it was said.
    """
    if not asked.texts:
        return frozenset()
    at: dict[UUID, datetime] = {}
    for seen in checked:
        reached = who.lines is None or seen.line_id in who.lines or BROUGHT in seen.parts
        if seen.leaf.kind in TEXT_KINDS and seen.text_id is not None and reached:
            at[seen.text_id] = when_of(seen)
    return frozenset(
        text
        for text, when in at.items()
        if (asked.since is None or when >= asked.since)
        and (asked.until is None or when < asked.until)
    )


def when_of(seen: Checked) -> datetime:
    """The instant by which an export of some days takes it in."""
    brought = seen.parts.get(BROUGHT)
    return seen.leaf.at if brought is None else read_instant(brought["said_at"])


def _record_export(  # noqa: PLR0917  # one row's worth of values
    tx: Tx,
    contact: Contact,
    part: dict[str, object],
    export_id: UUID,
    who: Exporter,
    now: datetime,
) -> tuple[Leaf, Exhibit]:
    assert contact.key is not None, "who was erased was refused before"
    detail = seal_export(tx, contact.key, export_id, part)
    tx.run(
        "access.record",
        id=export_id,
        what=EXPORTED,
        actor_id=who.id,
        about_id=contact.id,
        detail=detail,
        at=now,
    )
    act = act_part(export_id, EXPORTED, actor=who.id, about=contact.id, detail=detail)
    leaves = Leaves(tx)
    parts = {EXPORT: part, ACT: act}
    leaf = leaves.add(LeafKind.EXPORT, export_id, parts, now, contact.chain)
    leaves.write()
    salt = contact.chain.key.salt(export_id)
    return leaf, Exhibit(leaf, 0, salt, {EXPORT: part})


def exhibit_of(seen: Checked, open_texts: frozenset[UUID]) -> Exhibit:
    """What may be shown of a leaf; what may not stays a commitment."""
    parts = seen.parts if seen.fit is Fit.WHOLE else {}
    if seen.leaf.kind in TEXT_KINDS and seen.text_id not in open_texts:
        parts = {}
    if seen.leaf.kind is LeafKind.EXPORT:
        parts = {name: content for name, content in parts.items() if name == EXPORT}
    return Exhibit(seen.leaf, 0, seen.salt, parts)


def is_fault(seen: Checked) -> bool:
    return seen.fit in {Fit.CHANGED, Fit.GONE}


def says_of(seen: Checked) -> str:
    what = f"{seen.leaf.kind.value} {seen.leaf.id}"
    if seen.fit is Fit.GONE:
        return f"{what}: its row is gone"
    return f"{what}: its {' and '.join(seen.changed)} changed after it was recorded"


# --- then: a place and a signature -----------------------------------------------------------


def sequence_past(ctx: Context, group_id: UUID, leaf_id: UUID) -> None:
    """Until a signed checkpoint vouches for the leaf; the worker's sequencer may be quicker."""
    for _ in range(ROUNDS_MAX):
        sequence(ctx, group_id)
        with ctx.db.transaction(group_id) as tx:
            place = load_places(tx, [leaf_id]).get(leaf_id)
            signed = load_checkpoint(tx)
            if place is not None and signed is not None and signed.size > place:
                return
            tx.one("evidence.wait_a_little")
    raise Refused("The ledger is busy with something long. Try again in a minute.")


# --- last: the bundle ------------------------------------------------------------------------


def _bundle(tx: Tx, promised: _Promised) -> Exported:
    signed = load_checkpoint(tx)
    origin = load_group(tx).origin
    known = [signer.public for signer in signers_of(origin, tx.keys)]
    places = load_places(tx, [one.leaf.id for one in (*promised.chain, *promised.beside)])
    chain = _placed(promised.chain, places)
    beside = _placed(promised.beside, places)
    earlier = _earlier(tx, chain, signed.size, known)
    used = [key for key in known if _signed_any(key, [signed.note, *(one.note for one in earlier)])]
    bundle = make_bundle(
        origin=origin,
        keys=used,
        note=signed.note,
        size=signed.size,
        chain=chain,
        beside=beside,
        earlier=earlier,
        nodes=load_nodes(tx, bundle_nodes(signed.size, [*chain, *beside], earlier)),
    )
    return Exported(
        export_id=promised.export.id,
        data=write_bundle(bundle),
        leaves=len(chain) + len(beside),
        shut=promised.shut,
        changed=promised.changed,
        key=str(known[0]),
        made_at=promised.export.at,
    )


def _placed(exhibits: Sequence[Exhibit], places: dict[UUID, int]) -> list[Exhibit]:
    return [Exhibit(one.leaf, places[one.leaf.id], one.salt, one.parts) for one in exhibits]


def _earlier(
    tx: Tx, chain: Sequence[Exhibit], size: int, known: Sequence[PublicKey]
) -> list[Earlier]:
    """The checkpoints of earlier exports, which others may hold: the log grew from them."""
    found: dict[int, Earlier] = {}
    for one in chain[:-1]:
        if one.leaf.kind is not LeafKind.EXPORT:
            continue
        row = tx.one("evidence.first_checkpoint", index=one.index)
        if row is not None and row.size < size and _opens(row.note, known):
            found[row.size] = Earlier(row.note, row.size)
    return list(found.values())


def _opens(note: str, known: Sequence[PublicKey]) -> bool:
    try:
        open_note(note, known)
    except BadNote:
        return False
    return True


def _signed_any(key: PublicKey, notes: Sequence[str]) -> bool:
    return any(_opens(note, [key]) for note in notes)
