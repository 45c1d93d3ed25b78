"""`lotline evidence --number +1… --purpose "…" --out FILE`: the evidence about one contact; with
`--member` about what one member wrote, with `--line` about what went over one of our numbers.

A FILE that ends in .json is the bundle alone; any other is the whole package, a ZIP.
It is checked before it is written, as whoever receives it will check it. Exit 0: whole. 1: written,
but rows were changed since they were recorded, and are named. 2: it could not be asked like that.

Not here: what is in it (`actions.evidence`), checking one (`cli.verify`).
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zipfile import ZipFile

from lotline.actions.errors import NotYours, Refused
from lotline.actions.evidence import Asked, export_by_command
from lotline.actions.evidence_many import export_many_by_command
from lotline.actions.whom import find_about, find_whom
from lotline.core.base.sealing import SealBroken
from lotline.core.ledger.checkpoint import read_public_key
from lotline.core.oversight.evidence import BUNDLE
from lotline.core.oversight.package import pack_evidence
from lotline.core.oversight.verify import verify_bundle
from lotline.core.oversight.verify_many import verify_many
from lotline.store.sealed_files import read_sealed

if TYPE_CHECKING:
    from argparse import Namespace

    from lotline.actions.context import Context


def run(ctx: Context, words: list[str]) -> int:
    asked = _asked(words)
    if asked.open is not None:
        return _open(ctx, asked)
    if asked.out.exists():
        return _refuse(f"{asked.out} is there already; choose another name")
    if asked.member or asked.line:
        return _many(ctx, asked)
    try:
        whom = find_whom(ctx, number=asked.number, contact_id=asked.contact, group_id=asked.group)
        made = export_by_command(
            ctx,
            whom.group_id,
            whom.contact_id,
            purpose=asked.purpose,
            name=asked.name,
            texts=not asked.consent_only,
            since=_midnight(asked.since),
            until=_midnight(asked.until, days=1),
        )
    except (Refused, NotYours) as error:
        return _refuse(str(error) or "Nobody here has that id.")
    report = verify_bundle(made.data, [read_public_key(made.key)])
    data = made.data
    if asked.out.suffix != ".json":
        data = pack_evidence(data, made_at=made.made_at, size=asked.paper)
    _write(asked.out, data)
    print(f"wrote {asked.out}: {made.leaves} leaves, {len(data):,} bytes")
    print(f"anyone can check it: lotline verify {asked.out} --key '{made.key}'")
    if made.shut:
        print(f"{made.shut} leaves are from before an erasure and cannot be shown any more")
    faults = [*made.changed, *(f"{found.where}: {found.says}" for found in report.problems)]
    for fault in faults:
        print(f"NOT AS IT WAS: {fault}", file=sys.stderr)
    return int(bool(faults))


def _many(ctx: Context, asked: Namespace) -> int:
    try:
        group_id, about = find_about(
            ctx, member=asked.member, line=asked.line, group_id=asked.group
        )
        wanted = Asked(
            asked.purpose,
            texts=not asked.consent_only,
            since=_midnight(asked.since),
            until=_midnight(asked.until, days=1),
            paper=asked.paper,
        )
        made = export_many_by_command(ctx, group_id, about, wanted, name=asked.name)
    except (Refused, NotYours) as error:
        return _refuse(str(error) or "Nobody here has that id.")
    data = made.file.getvalue()
    with ZipFile(made.file) as package, package.open(BUNDLE) as bundle:
        report = verify_many(bundle, [read_public_key(made.key)])
    if asked.out.suffix == ".json":
        with ZipFile(made.file) as package:
            data = package.read(BUNDLE)
    _write(asked.out, data)
    print(f"wrote {asked.out}: {made.customers} customers, {len(data):,} bytes")
    print(f"anyone can check it: lotline verify {asked.out} --key '{made.key}'")
    faults = [*made.changed, *(f"{found.where}: {found.says}" for found in report.problems)]
    for fault in faults:
        print(f"NOT AS IT WAS: {fault}", file=sys.stderr)
    return int(bool(faults))


def _asked(words: list[str]) -> Namespace:
    parser = ArgumentParser("lotline evidence", description="the bundle for one contact")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--number", default="", help="the customer's number")
    who.add_argument("--contact", type=UUID, help="the contact's id")
    who.add_argument("--member", default="", help="a member's name or id")
    who.add_argument("--line", default="", help="the number of a line of ours")
    who.add_argument("--open", type=Path, metavar="SEALED", help="open a scheduled export's file")
    parser.add_argument("--group", type=UUID, help="the company, when several are here")
    parser.add_argument("--purpose", default="", help="what it is for; stands in the bundle")
    parser.add_argument(
        "--name", default="operator of the installation", help="who exports; stands in the bundle"
    )
    parser.add_argument("--consent-only", action="store_true", help="without the texts' words")
    parser.add_argument(
        "--since", type=date.fromisoformat, metavar="DAY", help="texts from DAY on (UTC)"
    )
    parser.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="texts up to DAY")
    parser.add_argument("--paper", choices=("letter", "a4"), default="letter")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    return parser.parse_args(words)


def _open(ctx: Context, asked: Namespace) -> int:
    """With the root key alone. What does not open whole leaves nothing behind."""
    if asked.out.exists():
        return _refuse(f"{asked.out} is there already; choose another name")
    try:
        _write(asked.out, b"".join(read_sealed(ctx.ring, asked.open)))
    except (SealBroken, OSError) as error:
        return _refuse(f"{asked.open} does not open: {error}")
    print(f"wrote {asked.out}; anyone can check it: lotline verify {asked.out}")
    return 0


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    """In UTC: a command has no clock of a store's."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=days), time(), UTC)


def _write(path: Path, data: bytes) -> None:
    """It holds a customer's words: only its owner reads it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
        sink.write(data)


def _refuse(why: str) -> int:
    print(f"lotline: {why}", file=sys.stderr)
    return 2
