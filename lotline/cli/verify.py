"""`lotline verify BUNDLE`: check an evidence bundle, offline.

Exit 0: whole. 1: broken, and where. 2: unreadable. Needs no database, no network, no secret.

Not here: what is checked (`core.oversight.verify`, `core.oversight.verify_many`), what a package
may hold (`core.oversight.package`).
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zipfile import is_zipfile

from lotline.core.ledger.canonical import instant
from lotline.core.ledger.checkpoint import BadNote, read_public_key
from lotline.core.oversight.checking import Unreadable
from lotline.core.oversight.evidence import BUNDLE
from lotline.core.oversight.many import LONGEST_LINE, is_many
from lotline.core.oversight.unpacking import LARGEST_BUNDLE, open_package
from lotline.core.oversight.verify import Report, verify_bundle
from lotline.core.oversight.verify_many import ManyReport, verify_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.core.ledger.checkpoint import PublicKey

WHOLE, BROKEN, UNREADABLE = 0, 1, 2


def run(args: list[str]) -> int:
    """The exit status; what was found is printed."""
    parser = ArgumentParser(
        prog="lotline verify",
        description="Check an evidence bundle offline. Exit 0 whole, 1 broken, 2 unreadable.",
    )
    parser.add_argument("bundle", metavar="BUNDLE", help=f"the {BUNDLE} of an export, or its ZIP")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="NAME+ID+KEY",
        help="the company's public key, from elsewhere; without it the bundle's own is believed",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
    asked = parser.parse_args(args)
    try:
        trusted = [read_public_key(key) for key in asked.key]
        report = _check(Path(asked.bundle), trusted)
    except (BadNote, Unreadable, OSError) as error:
        says = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if asked.json:
            print(json.dumps({"verdict": "unreadable", "problems": [{"where": "", "says": says}]}))
        else:
            print(f"UNREADABLE: {says}", file=sys.stderr)
        return UNREADABLE
    print(json.dumps(_plain(report)) if asked.json else _sentences(report))
    return WHOLE if report.whole else BROKEN


def _check(path: Path, trusted: Sequence[PublicKey]) -> Report | ManyReport:
    """A bundle about many is read customer by customer, any other whole."""
    if path.stat().st_size > LARGEST_BUNDLE:
        raise Unreadable("larger than any bundle")
    packed = is_zipfile(path)
    with path.open("rb") as file:
        source: IO[bytes] = open_package(file) if packed else file
        first = source.readline(LONGEST_LINE)
        if is_many(first):
            return verify_many(_Again(first, source), trusted)
        return verify_bundle(first + source.read(), trusted)


class _Again(BytesIO):
    """A source whose first line was looked at already."""

    def __init__(self, first: bytes, source: IO[bytes]) -> None:
        super().__init__()
        self._first, self._source = first, source

    def readline(self, size: int | None = -1, /) -> bytes:
        first, self._first = self._first, b""
        return first or self._source.readline(-1 if size is None else size)


def _sentences(report: Report | ManyReport) -> str:
    lines = _about_many(report) if isinstance(report, ManyReport) else _about_one(report)
    if report.keys:
        lines.append(f"Log {report.origin}, {report.size} entries, signed by")
        lines += [f"  {key}" for key in report.keys]
        if not report.key_was_known:
            lines.append(
                "This key came with the bundle. Compare it with the one the company gave you "
                "before, or give it with --key."
            )
    if report.whole:
        return "\n".join([*lines, "WHOLE: everything shown is what the signed log holds."])
    many = len(report.problems)
    lines.append(f"BROKEN: {many} problem{'' if many == 1 else 's'}")
    return "\n".join(lines + [f"  {found.where}: {found.says}" for found in report.problems])


def _about_one(report: Report) -> list[str]:
    story = report.story
    if story is None:
        return []
    return [
        f"{story.company}: {story.contact}, {story.number}",
        f"Exported {instant(story.made_at)} by {story.exporter} ({story.purpose})",
        f"{story.leaves} entries: "
        + ", ".join(f"{count} {kind}" for kind, count in sorted(story.kinds.items()))
        + f"; {story.withheld} parts are committed to and not shown",
    ]


def _about_many(report: ManyReport) -> list[str]:
    part = report.export
    if part is None or report.made_at is None:
        return []
    about, company, exporter = (
        found if isinstance(found := part.get(name), dict) else {}
        for name in ("about", "group", "exporter")
    )
    return [
        f"{company.get('name')}: {about.get('kind')} {about.get('name')}",
        f"Exported {instant(report.made_at)} by {exporter.get('name')} ({part.get('purpose')})",
        f"{report.leaves} entries of {report.customers} customers: "
        + ", ".join(f"{count} {kind}" for kind, count in sorted(report.kinds.items()))
        + f"; {report.withheld} parts are committed to and not shown",
    ]


def _plain(report: Report | ManyReport) -> dict[str, object]:
    story = _story_of_many(report) if isinstance(report, ManyReport) else _story_of_one(report)
    return {
        "verdict": "whole" if report.whole else "broken",
        "problems": [{"where": found.where, "says": found.says} for found in report.problems],
        "log": {
            "origin": report.origin,
            "size": report.size,
            "keys": [str(key) for key in report.keys],
            "key_was_known": report.key_was_known,
        },
        "story": story,
    }


def _story_of_one(report: Report) -> dict[str, object] | None:
    story = report.story
    if story is None:
        return None
    return {
        "company": story.company,
        "contact": story.contact,
        "number": story.number,
        "exporter": story.exporter,
        "purpose": story.purpose,
        "made_at": instant(story.made_at),
        "leaves": story.leaves,
        "kinds": dict(sorted(story.kinds.items())),
        "withheld": story.withheld,
    }


def _story_of_many(report: ManyReport) -> dict[str, object] | None:
    part = report.export
    return part and {
        "company": part.get("group"),
        "about": part.get("about"),
        "exporter": part.get("exporter"),
        "purpose": part.get("purpose"),
        "made_at": part.get("made_at"),
        "customers": report.customers,
        "leaves": report.leaves,
        "kinds": dict(sorted(report.kinds.items())),
        "withheld": report.withheld,
    }
