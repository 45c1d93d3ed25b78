"""Evidence about many on paper: a member's texts, or a line's, told customer by customer.

The answer stands first, then who wrote under which policy and training, then each customer with
their consent and their texts. Told from the bundle while it is checked, and from nothing else.

Not here: one customer's paper (`exhibits`, whose tables these are), the bundle's form (`many`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import IO, Any

from lotline.core.oversight import content
from lotline.core.oversight.brought import brought_table
from lotline.core.oversight.exhibits import (
    authors_table,
    consent_table,
    shown_wordings,
    texts_table,
    warnings,
    wordings_of,
)
from lotline.core.oversight.paper import (
    Block,
    Bullets,
    Heading,
    Paragraph,
    Size,
    Table,
    make_pdf,
)
from lotline.core.oversight.story import Shown
from lotline.core.oversight.told import Row, Telling, row_of
from lotline.core.oversight.verify_many import ManyReport, Told, verify_many

TITLE = "Message evidence"
FAULTS_ON_PAPER = 50


def many_pdf(bundle: IO[bytes], digest: str, *, size: Size = "letter") -> bytes:
    """The paper of a bundle whose sum is `digest`; the same bundle gives the same bytes."""
    teller = _Teller()
    report = verify_many(bundle, tell=teller.take, opens=teller.open)
    told = teller.told
    return make_pdf(
        _paper(teller, told, report, digest),
        title=TITLE,
        ident=told.ident,
        made_at=told.made_at,
        size=size,
    )


class _Teller:
    """Keeps, run by run, what the paper will say, and counts for its first sentence."""

    def __init__(self) -> None:
        self.told = Telling({}, [], [])
        self.blocks: list[Block] = []
        self.wordings: dict[str, dict[str, Any]] = {}
        self.counted: Counter[str] = Counter()
        self.ends: list[tuple[str, str, str, str]] = []

    def open(self, export: dict[str, Any], beside: Sequence[Shown]) -> None:
        self.told = Telling(export, [], [row_of(one) for one in beside])

    def take(self, run: Told) -> None:
        rows = [row_of(one) for one in run.leaves]
        export = {**self.told.export, "contact": run.whom, "devices": run.whom["devices"]}
        told = Telling(export, rows, [])
        name, number = run.whom["name"], run.whom["number"]
        self.blocks.append(Heading(f"{name}, {number}" if name else str(number), 3))
        self.blocks += consent_table(told)
        if told.has_texts:
            self.blocks += [*texts_table(told), *brought_table(told)]
        self.wordings |= wordings_of(told)
        self.counted["customers"] += 1
        self._count(rows)
        self.ends.append((name or number, str(len(rows)), told.time(rows[-1].at), rows[-1].hash))

    def _count(self, rows: Sequence[Row]) -> None:
        sent = {row.id for row in rows if row.kind == "text"}
        seen = set[str]()
        for row in rows:
            if content.TEXT in row.parts:
                self.counted[row.parts[content.TEXT]["direction"]] += 1
            if content.DECISION in row.parts:
                about = row.parts[content.DECISION]["text"]
                if about not in sent and about not in seen:
                    self.counted["never"] += 1
                seen.add(about)


def _paper(teller: _Teller, told: Telling, report: ManyReport, digest: str) -> list[Block]:
    return [
        Heading(TITLE, 1),
        Paragraph(answer(told, teller.counted, report), strong=True),
        *warnings(told.export.get("faults", []), report.problems[:FAULTS_ON_PAPER]),
        Table((), _head(told, teller.counted), (1, 4)),
        Heading("1. Policy and training of the authors"),
        *authors_table(told),
        Heading("2. Customer by customer: consent, every text, and what the gate decided"),
        *(teller.blocks or [Paragraph("Nothing was written in these days.")]),
        *([Heading("3. Wordings that customers were shown")] if teller.wordings else []),
        *shown_wordings(teller.wordings),
        *_check(teller, told, report, digest),
        *_how(),
    ]


def answer(told: Telling, counted: Counter[str], report: ManyReport) -> str:
    """For whoever reads nothing else: how much was written, and whether it kept to the rules."""
    about = told.export["about"]
    first, last = _days(told)
    whom = _several(counted["customers"], "customer")
    if not told.has_texts:
        says = f"{about['name']} had to do with {whom}"
        return f"From {first} to {last}, {says}. This export shows their consent, not the texts."
    texts = _several(counted["out"], "text")
    if about["kind"] == "member":
        says = f"{about['name']} sent {texts} to {whom}"
    else:
        where = "over" if about["kind"] == "line" else "at"
        came = _several(counted["in"], "text")
        says = f"{texts} left and {came} came in {where} {about['name']}, with {whom}"
    broken = sum(_BROKE in problem.says for problem in report.problems)
    kept = (
        "Each was decided on before it left, and none left after a stop that covers it."
        if not broken
        else f"{broken} of them broke a promise; see below."
    )
    never = counted["never"]
    held = f" {_several(never, 'more')} never left." if never else ""
    return f"From {first} to {last}, {says}. {kept}{held}"


_BROKE = "a text was sent"


def _several(count: int, what: str) -> str:
    if what == "more":
        return f"{count:,} more"
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _days(told: Telling) -> tuple[str, str]:
    first, last = told.span
    until = told.day(last - timedelta(seconds=1)) if last else told.day(told.made_at)
    return (told.day(first) if first else "the first day"), until


def _head(told: Telling, counted: Counter[str]) -> tuple[tuple[str, str], ...]:
    first, last = _days(told)
    about = told.export["about"]
    kind = {"member": "Member", "line": "Line", "new": "Company"}[about["kind"]]
    return (
        (kind, about["name"]),
        ("Company", told.export["group"]["name"]),
        ("Customers", f"{counted['customers']:,}"),
        ("Texts covered", f"{first} to {last}"),
        ("Consent covered", "From the first to the last of each customer, whatever the dates"),
        ("Shown", "Consent and texts" if told.has_texts else "Consent only"),
        ("Made", f"{told.time(told.made_at)} by {told.export['exporter']['name']}"),
        ("For", told.export["purpose"]),
        ("Times are", f"on the company's clock, {told.zone.key}"),
    )


def _check(teller: _Teller, told: Telling, report: ManyReport, digest: str) -> list[Block]:
    signed = "; ".join(str(key) for key in report.keys) or "nobody who could be checked"
    found = len(report.problems)
    says = (
        f"All {report.leaves:,} entries match the signed log of {report.size:,} entries."
        if not found
        else f"{found:,} things are not as the ledger has them; the first stand on page 1."
    )
    return [
        Heading("4. Chain check"),
        Paragraph(
            f"{says} Each customer's entries are linked from the first, each including the hash "
            f"of the one before it. Checked {told.time(told.made_at)} with SHA-256."
        ),
        Table(
            (),
            (
                ("Log", report.origin),
                ("Checkpoint", f"{report.size:,} entries"),
                ("Signed by", signed),
                ("evidence.json", f"sha256 {digest}"),
            ),
            (1, 5),
        ),
        Table(("Customer", "Entries", "Last recorded", "Hash"), tuple(teller.ends), (3, 1, 3, 7))
        if teller.ends
        else Paragraph("No customer."),
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
            "Every entry about each of these customers is in it, up to the moment it was made, "
            "and nothing can be cut from between them. Words that are not part of this export "
            "are closed: that they are there can be seen, and not by whom. That no other customer "
            "was written to can't be shown by this file; it can by the company's whole log. "
            "It can't show calls, e-mails or texts from personal phones that were not brought in, "
            "nor whether a text that was handed to a carrier was read. A text that never left has "
            "its verdict here and not its words."
        ),
    ]
