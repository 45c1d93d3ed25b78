"""Evidence from rows: leaves with what their rows say today, made again as it was committed to.

A part is made from its row and from nothing else, so a row that was changed after its leaf was
written no longer fits it. What an erased key had sealed cannot be made again, and is not guessed.

Not here: what parts hold (`core.oversight.content`), the bundle (`core.oversight.evidence`), who
may have one (`actions.evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.base.sealing import SealBroken
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.ledger.leaf import Leaf, LeafKind, changed_parts, read_leaf
from lotline.core.oversight import content
from lotline.store.identity import load_provider_names
from lotline.store.sealed import contact_key, open_json, open_words, seal_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx

EXPORTED = "exported"  # the act; what was exported stands sealed in its detail
SEALED = "sealed"
EXPORT_PLACE = ("access_acts", "detail")


class Fit(StrEnum):
    """How a row of today stands to the leaf that was written of it."""

    WHOLE = "whole"
    CHANGED = "changed"
    GONE = "gone"  # there is no such row
    SHUT = "shut"  # its key was erased, or its words went by age: nobody can tell


class Placed(NamedTuple):
    """A leaf and its place in the log; None until it has one."""

    leaf: Leaf
    place: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A leaf against its row: the parts and the salt that fit, or which parts do not."""

    leaf: Leaf
    fit: Fit
    parts: Mapping[str, Any] = field(default_factory=dict)
    salt: bytes = b""
    changed: tuple[str, ...] = ()
    line_id: UUID | None = None  # of a text, or of the text that a decision is about
    members: frozenset[UUID] = frozenset()
    lines: frozenset[UUID] = frozenset()
    text_id: UUID | None = None  # the text itself, or the one that a decision is about


class Subject(NamedTuple):
    """Whom evidence is about."""

    name: str
    number: str


class _Keys(NamedTuple):
    key: Seal | None
    erased_to: int
    retired: frozenset[UUID] = frozenset()  # texts whose words went by age


@dataclass(slots=True)
class _Made:
    """What a row gives today."""

    parts: dict[str, Any]
    line_id: UUID | None = None
    members: set[UUID | None] = field(default_factory=set)
    lines: set[UUID | None] = field(default_factory=set)
    text_id: UUID | None = None


def load_chain_leaves(tx: Tx, contact_id: UUID) -> list[Placed]:
    """The contact's chain from its first leaf."""
    rows = tx.all("evidence.chain", contact_id=contact_id)
    return [Placed(read_leaf(bytes(row.leaf)), row.seq) for row in rows]


def load_signature_leaves(tx: Tx, members: Iterable[UUID]) -> list[Placed]:
    """What these members signed under the policy."""
    rows = tx.all("evidence.signatures_of", members=sorted(set(members)))
    return [Placed(read_leaf(bytes(row.leaf)), row.seq) for row in rows]


def load_training_leaves(tx: Tx, members: Iterable[UUID]) -> list[Placed]:
    """When these members passed their training."""
    rows = tx.all("evidence.training_of", members=sorted(set(members)))
    return [Placed(read_leaf(bytes(row.leaf)), row.seq) for row in rows]


def load_text_devices(tx: Tx, contact_id: UUID) -> dict[UUID, str]:
    """On what each text to this contact was written, as the device called itself."""
    return {
        row.id: open_words(tx.keys, row.label_ct, "devices", "label_ct", tx.group_id, row.device_id)
        for row in tx.all("evidence.devices_of_texts", contact_id=contact_id)
    }


def load_places(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, int]:
    """Where these leaves stand; who has no place yet is missing."""
    return {row.leaf_id: row.seq for row in tx.all("evidence.places", ids=list(ids))}


def load_subject(tx: Tx, contact_id: UUID) -> Subject | None:
    """None when nobody of that id is here, or their key was erased."""
    row = tx.one("evidence.name_and_number", contact_id=contact_id)
    if row is None or row.key_wrapped is None:
        return None
    key = tx.keys.open_contact_key(row.id, bytes(row.key_wrapped))
    return Subject(
        open_words(key, row.name_ct, "contacts", "name_ct", tx.group_id, row.id),
        open_words(key, row.number_ct, "contacts", "number_ct", tx.group_id, row.id),
    )


def seal_export(tx: Tx, key: Seal, export_id: UUID, part: Mapping[str, Any]) -> dict[str, str]:
    """What the act keeps of an export: the whole part, readable as long as the contact is."""
    sealed = seal_json(key, dict(part), *EXPORT_PLACE, tx.group_id, export_id)
    return {SEALED: sealed.hex()}


def load_names(tx: Tx, members: Iterable[UUID]) -> dict[UUID, str]:
    """What members are called, and the identity provider, which may stand where one would."""
    wanted = set(members)
    place = ("members", "name_ct", tx.group_id)
    found = {
        row.id: open_words(tx.keys, row.name_ct, *place, row.id)
        for row in tx.all("evidence.people", ids=list(wanted))
    }
    if wanted - found.keys():
        found |= {one: name for one, name in load_provider_names(tx).items() if one in wanted}
    return found


def load_numbers(tx: Tx, lines: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of lines."""
    place = ("lines", "number_ct", tx.group_id)
    return {
        row.id: open_words(tx.keys, row.number_ct, *place, row.id)
        for row in tx.all("evidence.lines", ids=list(lines))
    }


def check_rows(tx: Tx, leaves: Sequence[Leaf]) -> list[Checked]:
    """Each leaf against its row, in order. A fixed number of statements, however many there are."""
    keys = _load_keys(tx, {leaf.link.of for leaf in leaves if leaf.link is not None})
    made: dict[UUID, _Made] = {}
    for kinds, load in _LOADERS:
        ids = [leaf.id for leaf in leaves if leaf.kind in kinds]
        if ids:
            made |= load(tx, ids, keys)
    return [_check(tx, leaf, made.get(leaf.id), keys) for leaf in leaves]


def _check(tx: Tx, leaf: Leaf, made: _Made | None, keys: Mapping[UUID, _Keys]) -> Checked:
    if made is None:
        return Checked(leaf, Fit.GONE)
    if leaf.kind is LeafKind.CONSENT and content.WORDING not in leaf.commitments:
        made.parts.pop(content.WORDING, None)  # a wording that was only named
    seals: list[Seal] = [tx.keys]
    erased_to, retired = 0, False
    if leaf.link is not None:
        known = keys.get(leaf.link.of, _Keys(None, 0))
        erased_to, retired = known.erased_to, leaf.id in known.retired
        seals = [known.key, tx.keys] if known.key is not None else [tx.keys]
    tried = []
    for seal in seals:
        salt = seal.salt(leaf.id)
        changed = changed_parts(leaf, parts=made.parts, salt=salt)
        if not changed:
            return Checked(
                leaf,
                Fit.WHOLE,
                made.parts,
                salt,
                line_id=made.line_id,
                members=frozenset(one for one in made.members if one),
                lines=frozenset(one for one in made.lines if one),
                text_id=made.text_id,
            )
        tried.append(changed)
    if retired or (leaf.link is not None and leaf.link.seq <= erased_to):
        return Checked(leaf, Fit.SHUT)
    return Checked(leaf, Fit.CHANGED, changed=min(tried, key=len))


def _ids(listed: object) -> set[UUID]:
    """An act that was changed names nobody; that it was is found at its own leaf."""
    try:
        return {UUID(one) for one in listed} if isinstance(listed, list) else set()
    except (ValueError, AttributeError, TypeError):
        return set()


def _load_keys(tx: Tx, contacts: Iterable[UUID]) -> dict[UUID, _Keys]:
    found, ids = {}, list(contacts)
    retired: dict[UUID, set[UUID]] = {}
    for row in tx.all("evidence.retired", ids=ids) if ids else ():
        retired.setdefault(row.about_id, set()).update(_ids(row.texts))
    for row in tx.all("evidence.contacts", ids=ids):
        # Forgiving, for a carrier may answer for a text when its words are erased already: its leaf
        # says that there are none, and so must its row, whoever has a new key since.
        key = contact_key(tx, row.id, row.key_wrapped, row.erased_at)
        found[row.id] = _Keys(key, row.erased_to or 0, frozenset(retired.get(row.id, ())))
    return found


def _load_entries(tx: Tx, ids: list[UUID], keys: Mapping[UUID, _Keys]) -> dict[UUID, _Made]:
    found = {}
    for row in tx.all("evidence.entries", ids=ids):
        parts: dict[str, Any] = {}
        _put(parts, content.ENTRY, _entry, row)
        if row.proof_ct is not None:
            _put(parts, content.PROOF, _proof, tx, row, keys)
        if row.wording_body is not None:
            parts[content.WORDING] = content.wording_part(
                row.wording_id,
                name=row.wording_name,
                version=row.wording_version,
                body=row.wording_body,
            )
        found[row.id] = _Made(parts, members={row.member_id}, lines={row.line_id})
    return found


def _entry(row: Any) -> content.Part:
    entry = Entry(
        id=row.id,
        says=Says(row.says),
        scope=Scope(row.scope),
        said_at=row.said_at,
        heard_at=row.heard_at,
        source=Source(row.source),
        kind=None if row.kind is None else Kind(row.kind),
        line_id=row.line_id,
        corrects=row.corrects,
        seller_named=row.seller_named,
        how=How(row.how),
    )
    return content.entry_part(
        entry,
        contact=row.contact_id,
        text=row.text_id,
        member=row.member_id,
        wording=row.wording_id,
    )


def _proof(tx: Tx, row: Any, keys: Mapping[UUID, _Keys]) -> content.Part:
    place = ("consent_entries", "proof_ct", tx.group_id, row.id)
    return content.proof_part(row.id, open_json(keys[row.contact_id].key, row.proof_ct, *place))


def _load_texts(tx: Tx, ids: list[UUID], keys: Mapping[UUID, _Keys]) -> dict[UUID, _Made]:
    found = {}
    for row in tx.all("evidence.texts", ids=ids):
        parts: dict[str, Any] = {}
        _put(parts, content.TEXT, _text, tx, row, keys)
        found[row.id] = _Made(parts, row.line_id, {row.author_id}, {row.line_id}, row.id)
    return found


def _text(tx: Tx, row: Any, keys: Mapping[UUID, _Keys]) -> content.Part:
    key = keys[row.contact_id].key
    group = tx.group_id
    return content.text_part(
        row.id,
        contact=row.contact_id,
        line=row.line_id,
        direction=row.direction,
        sender=row.sender,
        author=row.author_id,
        purpose=row.purpose,
        body=open_words(key, row.body_ct, "texts", "body_ct", group, row.id),
        added=open_words(key, row.added_ct, "texts", "added_ct", group, row.id) or None,
        media=row.media,
        written_at=row.created_at,
    )


def _load_brought(tx: Tx, ids: list[UUID], keys: Mapping[UUID, _Keys]) -> dict[UUID, _Made]:
    found = {}
    for row in tx.all("evidence.brought", ids=ids):
        parts: dict[str, Any] = {}
        _put(parts, content.BROUGHT, _brought, tx, row, keys)
        found[row.id] = _Made(parts, members={row.member_id}, text_id=row.id)
    return found


def _brought(tx: Tx, row: Any, keys: Mapping[UUID, _Keys]) -> content.Part:
    place = ("brought_texts", "body_ct", tx.group_id, row.id)
    return content.brought_part(
        row.id,
        contact=row.contact_id,
        bringing=row.bringing_id,
        by=row.member_id,
        phone=row.kind,
        direction=row.direction,
        body=open_words(keys[row.contact_id].key, row.body_ct, *place),
        said_at=row.said_at,
    )


def _load_decisions(tx: Tx, ids: list[UUID], _: Mapping[UUID, _Keys]) -> dict[UUID, _Made]:
    found = {}
    for row in tx.all("evidence.decisions", ids=ids):
        part = content.decision_part(
            row.id,
            text=row.text_id,
            contact=row.contact_id,
            stage=row.stage,
            verdict=row.verdict,
            rulebook=row.rulebook,
            findings=row.findings,
            hold_until=row.hold_until,
            decided_at=row.decided_at,
        )
        parts = {content.DECISION: part, content.FACTS: content.facts_part(row.facts)}
        found[row.id] = _Made(parts, row.line_id, {row.author_id}, text_id=row.text_id)
    return found


def _load_signatures(tx: Tx, ids: list[UUID], _: Mapping[UUID, _Keys]) -> dict[UUID, _Made]:
    found = {}
    for row in tx.all("evidence.signatures", ids=ids):
        parts: dict[str, Any] = {}
        _put(parts, content.ACT, _signature, tx, row)
        found[row.id] = _Made(parts, members={row.member_id})
    return found


def _signature(tx: Tx, row: Any) -> content.Part:
    place = ("policy_signatures", "signed_name_ct", tx.group_id, row.id)
    detail = {
        "version": row.version,
        "sha256": bytes(row.body_sha256 or b"").hex(),
        "name": open_words(tx.keys, row.signed_name_ct, *place),
        "device": str(row.device_id),
    }
    return content.act_part(row.id, "policy_signed", actor=row.member_id, detail=detail)


def _load_acts(tx: Tx, ids: list[UUID], keys: Mapping[UUID, _Keys]) -> dict[UUID, _Made]:
    found = {}
    for row in tx.all("evidence.acts", ids=ids):
        part = content.act_part(
            row.id, row.what, actor=row.actor_id, about=row.about_id, detail=row.detail
        )
        parts: dict[str, Any] = {content.ACT: part}
        if row.what == EXPORTED:
            _put(parts, content.EXPORT, _export, tx, row, keys)
        found[row.id] = _Made(parts, members={row.actor_id})
    return found


def _export(tx: Tx, row: Any, keys: Mapping[UUID, _Keys]) -> content.Part:
    """Of one customer: under their key. Of many: under the company's, and it names none of them."""
    sealed = bytes.fromhex(row.detail[SEALED])
    key: Seal | None = keys[row.about_id].key if row.about_id in keys else tx.keys
    return open_json(key, sealed, *EXPORT_PLACE, tx.group_id, row.id)


def _put(parts: dict[str, Any], name: str, make: Callable[..., content.Part], *given: Any) -> None:
    """A part whose seal does not open, or that can no longer be read, is a part that is missing."""
    try:
        parts[name] = make(*given)
    except (SealBroken, KeyError, ValueError, AssertionError):
        return


_LOADERS = (
    (frozenset({LeafKind.CONSENT}), _load_entries),
    (frozenset({LeafKind.TEXT}), _load_texts),
    (frozenset({LeafKind.BROUGHT}), _load_brought),
    (frozenset({LeafKind.DECISION}), _load_decisions),
    (frozenset({LeafKind.POLICY_SIGNATURE}), _load_signatures),
    (
        frozenset({LeafKind.ACCESS, LeafKind.KEY_ROTATION, LeafKind.ERASURE, LeafKind.EXPORT}),
        _load_acts,
    ),
)
