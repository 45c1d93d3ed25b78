"""Evidence on paper: the bundle told to whoever decides, the answer in its first sentence.

Everything on it is read from the bundle and from nowhere else, and the bundle is checked while it
is written, so the paper says of itself whether it can be believed.

Not here: drawing it (`paper`), the bundle's form (`evidence`), judging it (`verify`, `story`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from lotline.core.consent.entry import Entry, Kind, Says
from lotline.core.gate.decision import Finding
from lotline.core.ledger.canonical import read_instant
from lotline.core.oversight import content
from lotline.core.oversight.answer import BY, COVERS, answer
from lotline.core.oversight.brought import brought_table
from lotline.core.oversight.paper import (
    Block,
    Bullets,
    Heading,
    Paragraph,
    Size,
    Table,
    make_pdf,
)
from lotline.core.oversight.story import Problem
from lotline.core.oversight.told import Row, Telling, Told

TITLE = "Consent and message evidence"
_STRONG = {
    Kind.INQUIRY: "asked us first",
    Kind.EXPRESS: "agreed",
    Kind.WRITTEN: "agreed in writing",
}
_VERDICT = {"allow": "Allowed", "hold": "Held", "block": "Blocked"}


def evidence_pdf(bundle: bytes, *, size: Size = "letter") -> bytes:
    """The paper of a bundle; the same bundle gives the same bytes."""
    told = Told(bundle)
    return make_pdf(
        write_exhibits(told), title=TITLE, ident=told.ident, made_at=told.made_at, size=size
    )


def write_exhibits(told: Told) -> list[Block]:
    """All of it: the answer, what was consented, every text, who wrote, and how to check it."""
    return [
        Heading(TITLE, 1),
        Paragraph(answer(told), strong=True),
        *_warnings(told),
        Table((), _head(told), (1, 4)),
        Heading("1. Consent timeline"),
        *consent_table(told),
        *shown_wordings(wordings_of(told)),
        Heading("2. Every text, and what the gate decided"),
        *texts_table(told),
        *brought_table(told),
        Heading("3. Policy and training of the authors"),
        *authors_table(told),
        *_check(told),
        *_how(),
    ]


def _warnings(told: Told) -> list[Block]:
    return warnings(told.export.get("faults", []), told.report.problems)


def warnings(found: Sequence[str], problems: Sequence[Problem]) -> list[Block]:
    """What a reader of the first page must know before anything else; nothing when all is well."""
    faults = [*found, *(f"{problem.where}: {problem.says}" for problem in problems)]
    if not faults:
        return []
    says = "Records were found changed or broken when this was made; what is below was checked:"
    return [Paragraph(says, strong=True), Bullets(tuple(faults))]


def _head(told: Told) -> tuple[tuple[str, str], ...]:
    first, last = told.span
    until = told.day(last - timedelta(seconds=1)) if last else told.day(told.made_at)
    contact, group = told.export["contact"], told.export["group"]
    return (
        ("Customer", f"{contact['name']}, {contact['number']}"),
        ("Company", group["name"]),
        ("Texts covered", f"{told.day(first) if first else 'From the first'} to {until}"),
        ("Consent covered", "From the first to the last, whatever the dates"),
        ("Shown", "Consent and texts" if told.has_texts else "Consent only"),
        ("Made", f"{told.time(told.made_at)} by {told.export['exporter']['name']}"),
        ("For", told.export["purpose"]),
        ("Times are", f"on the company's clock, {told.zone.key}"),
    )


# --- 1. consent ------------------------------------------------------------------------------


def consent_table(told: Telling) -> list[Block]:
    if not told.entries:
        return [Paragraph("There is no consent entry that can be shown.")]
    rows = tuple(
        (
            str(number),
            told.time(entry.said_at),
            _happened(entry),
            _proof(told, row, entry),
            row.hash[:16],
        )
        for number, (row, entry) in enumerate(told.entries, 1)
    )
    heads = ("#", "When", "What happened", "Proof held", "Entry hash")
    return [Table(heads, rows, (1, 4, 4, 7, 4))]


def wordings_of(told: Telling) -> dict[str, dict[str, Any]]:
    """Each wording that somebody was shown, by its id."""
    return {
        row.parts[content.WORDING]["id"]: row.parts[content.WORDING]
        for row, _ in told.entries
        if content.WORDING in row.parts
    }


def shown_wordings(wordings: dict[str, dict[str, Any]]) -> list[Block]:
    blocks: list[Block] = []
    for wording in wordings.values():
        blocks += [
            Heading(f"Wording shown: {wording['name']}, version {wording['version']}", 3),
            Paragraph(wording["body"]),
        ]
    return blocks


def _happened(entry: Entry) -> str:
    what = COVERS[entry.scope]
    if entry.says is Says.YES:
        words = f"{_STRONG[entry.kind or Kind.INQUIRY]}: {what}"
        return words.capitalize() + ("" if entry.seller_named else " (the seller was not named)")
    if entry.says is Says.STOP:
        return f"Asked to stop: {what}"
    if entry.says is Says.WRONG_NUMBER:
        return "Said this is the wrong number"
    return "A doubt was noted" if entry.says is Says.DOUBT else "A person confirmed"


def _proof(told: Telling, row: Row, entry: Entry) -> str:
    part, said = row.parts[content.ENTRY], [BY[entry.source].capitalize()]
    if words := told.bodies.get(part.get("text") or ""):
        said.append(f"“{words}”")
    if member := told.person(part.get("member")):
        said.append(f"written down by {member}")
    if line := told.line(part.get("line")):
        said.append(f"on {line}")
    if wording := row.parts.get(content.WORDING):
        said.append(f"wording “{wording['name']}” version {wording['version']}, below")
    held = row.parts.get(content.PROOF, {}).get("proof", {})
    said += [f"{name}: {value}" for name, value in sorted(held.items()) if value not in {None, ""}]
    if entry.heard_at != entry.said_at:
        said.append(f"heard of at {told.time(entry.heard_at)}")
    return "; ".join(said)


# --- 2. texts --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Thread:
    """One text and the decisions on it."""

    first: Row
    text: Row | None = None
    decisions: list[Row] | None = None


def texts_table(told: Telling) -> list[Block]:
    if not told.has_texts:
        return [Paragraph("Not shown: this export is of consent only.")]
    threads: dict[str, _Thread] = {}
    closed = 0
    for row in told.chain:
        if row.kind not in {"text", "decision"}:
            continue
        if content.TEXT not in row.parts and content.DECISION not in row.parts:
            closed += row.kind == "text"
            continue
        about = row.id if row.kind == "text" else row.parts[content.DECISION]["text"]
        thread = threads.setdefault(about, _Thread(row, decisions=[]))
        if row.kind == "text":
            thread.text = row
        if content.DECISION in row.parts and thread.decisions is not None:
            thread.decisions.append(row)
    rows = tuple(_text_row(told, about, thread) for about, thread in threads.items())
    heads = ("When", "Who", "Text", "Purpose", "Verdict and rule", "What became of it")
    blocks: list[Block] = [
        Table(heads, rows, (4, 4, 7, 3, 7, 3)) if rows else Paragraph("No text.")
    ]
    if closed:
        blocks.append(Paragraph(f"{closed} more texts are in the chain and not shown.", small=True))
    return blocks


def _text_row(told: Telling, about: str, thread: _Thread) -> tuple[str, ...]:
    text: dict[str, Any] = thread.text.parts.get(content.TEXT, {}) if thread.text else {}
    decisions = thread.decisions or []
    if text.get("direction") == "in":
        who = told.export["contact"]["name"] or "Customer"
        return told.time(thread.first.at), who, text["body"], "", "Received", ""
    facts = decisions[0].parts.get(content.FACTS, {}) if decisions else {}
    author = told.person(text.get("author"))
    who = author or {"software": "Lotline"}.get(text.get("sender", ""), "A member")
    device = told.export.get("devices", {}).get(about)
    body = text.get("body") or "Its words are not in the ledger: it never left."
    if text.get("added"):
        body += f"\nAdded by the house: {text['added']}"
    fate = f"Handed to the carrier {told.time(thread.text.at)}" if thread.text else "Never left"
    return (
        told.time(thread.first.at),
        "\n".join(filter(None, [who, device, _state(facts.get("member"))])),
        body,
        str(text.get("purpose") or facts.get("purpose") or "").replace("_", " "),
        _verdicts(told, decisions),
        fate,
    )


def _state(member: dict[str, Any] | None) -> str:
    """Policy and training of the author, as the gate was told when it decided."""
    if member is None:
        return ""
    signed = "policy signed" if member.get("policy_signed") else "policy not signed"
    return f"{signed}, {'trained' if member.get('trained') else 'not trained'}"


def _verdicts(told: Telling, decisions: list[Row]) -> str:
    """Each in turn; a second look that says the same by the same rule is not told again."""
    said: dict[str, str] = {}
    for row in decisions:
        words = _verdict(told, row)
        said.setdefault(words.split(".")[0] + words.rpartition("[")[2], words)
    return "\n".join(said.values()) or "No decision shown"


def _verdict(told: Telling, row: Row) -> str:
    part = row.parts[content.DECISION]
    said: str = _VERDICT.get(part["verdict"], part["verdict"])
    if part["hold_until"]:
        said += f" until {told.time(read_instant(part['hold_until']))}"
    if not part["findings"]:
        return said
    first = part["findings"][0]
    try:
        says = msgspec.convert(first, Finding).sentence(name=told.export["contact"]["name"])
    except (msgspec.ValidationError, ValueError, IndexError):
        says = str(first.get("says", ""))
    cited = f" ({first['citation']})" if first.get("citation") else ""
    return f"{said}. {says}{cited} [{first.get('rule', '')}]"


# --- 3. authors ------------------------------------------------------------------------------


def authors_table(told: Telling) -> list[Block]:
    acts: dict[str, list[tuple[Row, dict[str, Any]]]] = {who: [] for who in told.export["people"]}
    for row in told.beside:
        act = row.parts.get(content.ACT)
        if act is not None:
            acts.setdefault(str(act["actor"]), []).append((row, act))
    rows = tuple(
        (
            told.person(who) or "A member",
            _listed(told, [one for one in found if one[1]["what"] == "policy_signed"]),
            _listed(told, [one for one in found if one[1]["what"] == "training_passed"]),
        )
        for who, found in acts.items()
    )
    if not rows:
        return [Paragraph("Nobody of the company wrote or recorded anything shown here.")]
    return [Table(("Author", "Policy signed", "Training passed"), rows, (2, 5, 3))]


def _listed(told: Telling, found: list[tuple[Row, dict[str, Any]]]) -> str:
    said = []
    for row, act in found:
        detail = act["detail"]
        if act["what"] == "policy_signed":
            words = f"version {detail.get('version')} as “{detail.get('name')}”"
            said.append(f"{told.time(row.at)}: {words}, text {str(detail.get('sha256'))[:16]}")
        else:
            said.append(f"{told.time(row.at)}: {detail.get('score')} of {detail.get('of')}")
    return "\n".join(said) or "Nothing on record"


# --- 4 to 6. the check -----------------------------------------------------------------------


def _check(told: Told) -> list[Block]:
    rows = [*told.chain, *told.beside]
    bad = {problem.where.split(".")[0] for problem in told.report.problems}
    good = len(rows) - sum(
        f"{name}[{at}]" in bad
        for name, listed in (("chain", told.chain), ("beside", told.beside))
        for at in range(len(listed))
    )
    root = str(told.log["checkpoint"]).split("\n")[2]
    signed = "; ".join(str(key) for key in told.report.keys) or "nobody who could be checked"
    return [
        Heading("4. Chain check"),
        Paragraph(
            f"{good} of {len(rows)} entries match the signed log of {told.report.size} entries, "
            f"and each includes the hash of the one before it in this customer's chain. "
            f"Checked {told.time(told.made_at)} with SHA-256."
        ),
        Table(
            (),
            (
                ("Log", str(told.log["origin"])),
                ("Checkpoint", f"{told.report.size} entries, root {root}"),
                ("Signed by", signed),
                ("evidence.json", f"sha256 {told.digest}"),
            ),
            (1, 5),
        ),
        Table(
            ("Entry", "Kind", "Recorded", "Hash"),
            tuple(
                (str(row.index), row.kind.replace("_", " "), told.time(row.at), row.hash)
                for row in rows
            ),
            (1, 2, 3, 9),
        ),
    ]


def _how() -> list[Block]:
    return [
        Heading("5. How to check it yourself"),
        Bullets(
            (
                "Drop evidence.json on verify.html of the same export, with or without network.",
                "Or run: lotline verify evidence.json (it also judges texts after a stop).",
                "Compare the key that signed with the one the company gave you before.",
                "Check the files with: sha256sum --check SHA256SUMS",
            )
        ),
        Heading("6. What this can't show"),
        Paragraph(
            "This covers texts sent and received on the company's numbers, and what was brought "
            "in from private phones as far as it says so. It can't show calls, e-mails or other "
            "texts from personal phones, nor whether a text that was handed to a carrier was read. "
            "A text that never left has its verdict here and not its words. "
            "That the named person held the phone is not something a record of texts can prove."
        ),
    ]
