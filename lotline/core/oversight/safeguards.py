"""The Safeguards report: each element of the rule beside what is on record here about it.

Generated from what is there on the day. Where nothing is on record it says so, and where an element
is the company's own to show, it says that: nothing is made up to fill a row.

Not here: the elements themselves (`gate/rulebook/safeguards.toml`), counting (`store.safeguards`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from lotline.core.oversight.paper import Block, Bullets, Heading, Paragraph, Table

NOTHING = "Nothing on record."
OURS_NOT = "Not kept here: this is the company's own to show."


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts and instants; those of acts are of the last year."""

    over_tls: bool
    members: int
    owners: int
    leads: int
    with_factor: int
    leads_with_factor: int
    devices: int
    devices_ended: int
    leavers: int
    suspensions: int
    reviewed_at: datetime | None
    review_due: datetime | None
    lines: int
    customers: int
    erased: int
    retired: int
    retired_at: datetime | None
    holds: int
    policy_version: int | None
    policy_at: datetime | None
    signed: int
    trained: int
    entries: int
    acts: int
    changes: int
    checks: int
    checks_failed: int
    checked_at: datetime | None
    carriers: int
    lost_phones: int
    turned_away: int


@dataclass(frozen=True, slots=True)
class Element:
    """One element and what is said of it today. `open` when something is missing."""

    id: str
    citation: str
    title: str
    asks: str
    says: tuple[str, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, of one day."""

    made_at: datetime
    company: str
    scope: str
    source_url: str
    source_read: str
    elements: tuple[Element, ...]


@cache
def _elements() -> dict[str, Any]:
    path = resources.files("lotline.core.gate.rulebook") / "safeguards.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def write_report(facts: Facts, *, company: str, now: datetime) -> Report:
    """Each element, in the rule's order."""
    found = _elements()
    return Report(
        now,
        company,
        found["scope"],
        found["source_url"],
        found["source_read"],
        tuple(_element(one, facts) for one in found["elements"]),
    )


def _element(one: dict[str, Any], facts: Facts) -> Element:
    told = [_SAYS[name](facts) for name in one["shows"]]
    says = tuple(words for words, _ in told) or (OURS_NOT,)
    missing = not told or any(not good for _, good in told)
    return Element(one["id"], one["citation"], one["title"], one["asks"], says, missing)


def report_blocks(report: Report) -> list[Block]:
    """The same on paper."""
    rows = tuple(
        (f"{one.title}\n{one.citation}", one.asks, "\n".join(one.says)) for one in report.elements
    )
    open_ones = [one for one in report.elements if one.open]
    return [
        Heading("Safeguards report", 1),
        Paragraph(
            f"{report.company}, {day(report.made_at)}. {len(report.elements) - len(open_ones)} of "
            f"{len(report.elements)} elements have something on record here with nothing missing; "
            f"{len(open_ones)} do not.",
            strong=True,
        ),
        Paragraph(report.scope),
        Table(("Element", "What it asks, in short", "On record in Lotline"), rows, (4, 6, 9)),
        Heading("What this can't tell"),
        Bullets(
            (
                "It is of texting alone: other systems of the company are not in it.",
                "Counts of acts are of the 365 days before its date.",
                f"Source: {report.source_url} ({report.source_read}).",
                "It is no legal advice and no finding that the rule is kept.",
            )
        ),
    ]


def day(at: datetime) -> str:
    return f"{at:%B} {at.day}, {at.year}"


Said = tuple[str, bool]


def _several(count: int, what: str, many: str = "") -> str:
    return f"{count:,} {what if count == 1 else many or what + 's'}"


def _owners(f: Facts) -> Said:
    says = f"{_several(f.owners, 'owner')} here. Who answers for the programme is not kept here."
    return says, False


def _members(f: Facts) -> Said:
    return f"{_several(f.members, 'member')} with access by role and reach.", f.members > 0


def _reviews(f: Facts) -> Said:
    if f.reviewed_at is None:
        return "No access review is on record.", False
    due = "" if f.review_due is None else f" The next is due {day(f.review_due)}."
    return f"Access was last reviewed and signed {day(f.reviewed_at)}.{due}", True


def _suspensions(f: Facts) -> Said:
    gone = f"{_several(f.leavers, 'member')} left and lost access"
    return f"{gone}, {_several(f.suspensions, 'suspension')}.", True


def _devices(f: Facts) -> Said:
    open_ = _several(f.devices, "signed-in device")
    return f"{open_} listed by member; {f.devices_ended:,} ended.", True


def _lines(f: Facts) -> Said:
    return f"{_several(f.lines, 'line')} listed.", True


def _customers(f: Facts) -> Said:
    return f"Information on {_several(f.customers, 'customer')} is held here.", True


def _encryption(_: Facts) -> Said:
    return (
        (
            "Names, numbers, words and pictures are sealed with AES-256-GCM under a key for each "
            "customer, wrapped by the company's and the root key, and so are scheduled files."
        ),
        True,
    )


def _transit(f: Facts) -> Said:
    if f.over_tls:
        return "This address is reached over TLS.", True
    return "The address of this house is not https: what travels is not encrypted.", False


def _factors(f: Facts) -> Said:
    says = (
        f"{f.with_factor} of {f.members} members have a second factor; {f.leads_with_factor} of "
        f"{f.leads} owners and managers, who must."
    )
    return says, f.members > 0 and f.with_factor >= f.members


def _retention(_: Facts) -> Said:
    return "Each class of records has its period and its reason, at /audit/retention/.", True


def _disposal(f: Facts) -> Said:
    if f.retired_at is None:
        return f"Nothing was retired by age yet; {_several(f.erased, 'customer')} erased.", False
    return (
        (
            f"{_several(f.retired, 'row')} retired, last {day(f.retired_at)}; "
            f"{_several(f.erased, 'customer')} erased so far."
        ),
        True,
    )


def _holds(f: Facts) -> Said:
    return f"{_several(f.holds, 'legal hold')} in force.", True


def _changes(f: Facts) -> Said:
    if not f.changes:
        return "No change of settings, rules, rights or policy is on record.", False
    says = f"{_several(f.changes, 'change')} of settings, rules, rights or policy in the ledger"
    return f"{says}, each with who and when.", True


def _ledger(f: Facts) -> Said:
    return f"A ledger of {f.entries:,} entries that can't be changed unseen.", f.entries > 0


def _acts(f: Facts) -> Said:
    return f"{_several(f.acts, 'act')} of access recorded.", f.acts > 0


def _checks(f: Facts) -> Said:
    if f.checked_at is None:
        return "The ledger was never checked whole. Scans and tests of intrusion: " + NOTHING, False
    return (
        (
            f"The ledger was checked whole {_several(f.checks, 'time')}, {f.checks_failed} with "
            "faults, "
            f"last {day(f.checked_at)}. Scans and tests of intrusion: nothing on record."
        ),
        False,
    )


def _policy(f: Facts) -> Said:
    if f.policy_version is None or f.policy_at is None:
        return "No policy was adopted.", False
    says = f"Policy version {f.policy_version}, adopted {day(f.policy_at)}, signed by {f.signed}"
    return f"{says} of {f.members} members.", f.signed >= f.members


def _training(f: Facts) -> Said:
    return f"{f.trained} of {f.members} members have training in force.", f.trained >= f.members


def _carriers(f: Facts) -> Said:
    says = f"{_several(f.carriers, 'carrier account')} in use. Contracts and assessments: "
    return says + "nothing on record.", False


def _programs(_: Facts) -> Said:
    return "Programs of others act under tokens of their own, listed at /programs/.", True


def _incidents(f: Facts) -> Said:
    return (
        (
            f"{_several(f.lost_phones, 'phone')} reported lost and signed out, "
            f"{_several(f.turned_away, 'call')} turned away. A written plan, and events that were "
            "told to anybody: nothing on record."
        ),
        False,
    )


_SAYS: dict[str, Callable[[Facts], Said]] = {
    "owners": _owners,
    "members": _members,
    "reviews": _reviews,
    "suspensions": _suspensions,
    "devices": _devices,
    "lines": _lines,
    "customers": _customers,
    "encryption": _encryption,
    "transit": _transit,
    "factors": _factors,
    "retention": _retention,
    "disposal": _disposal,
    "holds": _holds,
    "changes": _changes,
    "ledger": _ledger,
    "acts": _acts,
    "checks": _checks,
    "policy": _policy,
    "training": _training,
    "carriers": _carriers,
    "programs": _programs,
    "incidents": _incidents,
}
