"""What the parts of a ledger leaf hold: the one form in which a row is committed to.

Each part is made from what the row keeps, and from nothing else, so that making it again from the
row shows whether the row was changed. What is here is a promise to old leaves: a field may be
added to new rows only, never renamed.

Not here: the commitment (`ledger.leaf`), the bundle that shows parts to outsiders (`evidence`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.ledger.canonical import NotCanonical, instant, read_instant
from lotline.core.ledger.leaf import read_uuid

# The names of parts. A part is what can be shown or withheld by itself.
ENTRY = "entry"
PROOF = "proof"
WORDING = "wording"
TEXT = "text"
BROUGHT = "brought"
DECISION = "decision"
FACTS = "facts"
EXPORT = "export"
ACT = "act"

Part = dict[str, Any]


def entry_part(
    entry: Entry,
    *,
    contact: UUID,
    text: UUID | None = None,
    member: UUID | None = None,
    wording: UUID | None = None,
) -> Part:
    """A consent entry. `text` is where it was heard, `member` who recorded it, `wording` what the
    person was shown.
    """
    return {
        "id": str(entry.id),
        "contact": str(contact),
        "says": entry.says.value,
        "scope": entry.scope.value,
        "kind": entry.kind and entry.kind.value,
        "source": entry.source.value,
        "how": entry.how.value,
        "line": _id(entry.line_id),
        "corrects": _id(entry.corrects),
        "seller_named": entry.seller_named,
        "said_at": instant(entry.said_at),
        "heard_at": instant(entry.heard_at),
        "text": _id(text),
        "member": _id(member),
        "wording": _id(wording),
    }


def entry_of(part: Mapping[str, Any]) -> Entry:
    """The entry back from its part, or `NotCanonical`."""
    try:
        return Entry(
            id=read_uuid(part["id"]),
            says=Says(part["says"]),
            scope=Scope(part["scope"]),
            kind=None if part["kind"] is None else Kind(part["kind"]),
            source=Source(part["source"]),
            how=How(part["how"]),
            line_id=None if part["line"] is None else read_uuid(part["line"]),
            corrects=None if part["corrects"] is None else read_uuid(part["corrects"]),
            seller_named=part["seller_named"] is True,
            said_at=read_instant(part["said_at"]),
            heard_at=read_instant(part["heard_at"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotCanonical("not a consent entry") from error


def proof_part(entry: UUID, proof: Mapping[str, Any]) -> Part:
    """The person's own words, the form's fields, the number they gave: as the row keeps them."""
    return {"id": str(entry), "proof": dict(proof)}


def wording_part(wording: UUID, *, name: str, version: int, body: str) -> Part:
    """The wording that was shown when the person agreed."""
    return {"id": str(wording), "name": name, "version": version, "body": body}


def text_part(
    text: UUID,
    *,
    contact: UUID,
    line: UUID,
    direction: str,
    sender: str,
    author: UUID | None,
    purpose: str | None,
    body: str,
    added: str | None,
    media: Sequence[Any],
    written_at: datetime,
) -> Part:
    """A text: `direction` is in or out, `added` what we put round the author's words.

    When it came in or was handed to the carrier is the leaf's own instant.
    """
    return {
        "id": str(text),
        "contact": str(contact),
        "line": str(line),
        "direction": direction,
        "sender": sender,
        "author": _id(author),
        "purpose": purpose,
        "body": body,
        "added": added,
        "media": list(media),
        "written_at": instant(written_at),
    }


def brought_part(
    text: UUID,
    *,
    contact: UUID,
    bringing: UUID,
    by: UUID,
    phone: str,
    direction: str,
    body: str,
    said_at: datetime,
) -> Part:
    """A text that was on `by`'s own phone, of which kind: never one that we sent or received.

    `direction` is as that phone had it, `said_at` when it was said there. When it was brought in is
    the leaf's own instant; what was before that instant, nobody but that phone can say.
    """
    return {
        "id": str(text),
        "contact": str(contact),
        "bringing": str(bringing),
        "by": str(by),
        "phone": phone,
        "direction": direction,
        "body": body,
        "said_at": instant(said_at),
    }


def decision_part(
    decision: UUID,
    *,
    text: UUID,
    contact: UUID,
    stage: str,
    verdict: str,
    rulebook: str,
    findings: Sequence[Mapping[str, Any]],
    hold_until: datetime | None,
    decided_at: datetime,
) -> Part:
    """The gate's word. `findings` are plain values exactly as the row keeps them: rules gain
    fields over the years, and an old decision must not.
    """
    return {
        "id": str(decision),
        "text": str(text),
        "contact": str(contact),
        "stage": stage,
        "verdict": verdict,
        "rulebook": rulebook,
        "findings": [dict(finding) for finding in findings],
        "hold_until": hold_until and instant(hold_until),
        "decided_at": instant(decided_at),
    }


def facts_part(facts: Mapping[str, Any]) -> Part:
    """What the gate was told, as the row keeps it. It holds no words, so it is shown by itself."""
    return dict(facts)


def act_part(
    row: UUID,
    what: str,
    *,
    actor: UUID | None,
    about: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Part:
    """An act of access, a signature, a rotation or an erasure: who did what, to whom or what."""
    return {
        "id": str(row),
        "what": what,
        "actor": _id(actor),
        "about": _id(about),
        "detail": dict(detail or {}),
    }


def export_part(
    export: UUID,
    *,
    group: UUID,
    group_name: str,
    contact: UUID,
    contact_name: str,
    contact_number: str,
    exporter: UUID,
    exporter_name: str,
    purpose: str,
    made_at: datetime,
    includes: Sequence[str],
    people: Mapping[UUID, str],
    lines: Mapping[UUID, str],
    shown: str,
    span: tuple[datetime | None, datetime | None] = (None, None),
    zone: str = "UTC",
    devices: Mapping[UUID, str] | None = None,
    faults: Sequence[str] = (),
) -> Part:
    """What leaves the house, said before it leaves: the last leaf of every bundle.

    `includes` is "consent", "texts" or both. `people` and `lines` give names and numbers to the
    ids in the other parts. `shown` is `evidence.shown_digest`: nothing can be left out afterwards.
    `span` is from when (with it) to when (without it) texts are shown, `zone` the clock that
    people read them on, `devices` says on what each text was written, `faults` what was found
    broken in the records when this left.
    """
    return {
        "id": str(export),
        "group": {"id": str(group), "name": group_name},
        "contact": {"id": str(contact), "name": contact_name, "number": contact_number},
        "exporter": {"id": str(exporter), "name": exporter_name},
        "purpose": purpose,
        "made_at": instant(made_at),
        "includes": list(includes),
        "people": {str(member): name for member, name in people.items()},
        "lines": {str(line): number for line, number in lines.items()},
        "shown": shown,
        "span": {"from": _at(span[0]), "to": _at(span[1])},
        "zone": zone,
        "devices": {str(text): label for text, label in (devices or {}).items()},
        "faults": list(faults),
    }


def many_part(
    export: UUID,
    *,
    group: UUID,
    group_name: str,
    about: Mapping[str, str],
    exporter: UUID,
    exporter_name: str,
    purpose: str,
    made_at: datetime,
    includes: Sequence[str],
    people: Mapping[UUID, str],
    lines: Mapping[UUID, str],
    shown: str,
    span: tuple[datetime | None, datetime | None],
    zone: str,
    faults: Sequence[str],
) -> Part:
    """As `export_part`, of what is about many customers: it names none of them.

    `about` is of which kind (member, line, new), whose id and what they are called. `shown` is the
    end of `many.Digest`, which also holds whom each run is about.
    """
    return {
        "id": str(export),
        "group": {"id": str(group), "name": group_name},
        "about": dict(about),
        "exporter": {"id": str(exporter), "name": exporter_name},
        "purpose": purpose,
        "made_at": instant(made_at),
        "includes": list(includes),
        "people": {str(member): name for member, name in people.items()},
        "lines": {str(line): number for line, number in lines.items()},
        "shown": shown,
        "span": {"from": _at(span[0]), "to": _at(span[1])},
        "zone": zone,
        "faults": list(faults),
    }


def _at(found: datetime | None) -> str | None:
    return None if found is None else instant(found)


def _id(found: UUID | None) -> str | None:
    return None if found is None else str(found)
