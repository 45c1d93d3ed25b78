"""`lotline verify BUNDLE`: check an evidence bundle, offline.

Exit 0: whole. 1: broken, and where. 2: unreadable. Needs no database, no network, no secret.

Not here: what is checked (`core.oversight.verify`).
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from lotline.core.ledger.canonical import instant
from lotline.core.ledger.checkpoint import BadNote, read_public_key
from lotline.core.oversight.evidence import BUNDLE
from lotline.core.oversight.verify import Report, Unreadable, verify_bundle

WHOLE, BROKEN, UNREADABLE = 0, 1, 2
LARGEST_BUNDLE = 1 << 30


def run(args: list[str]) -> int:
    """The exit status; what was found is printed."""
    parser = ArgumentParser(
        prog="lotline verify",
        description="Check an evidence bundle offline. Exit 0 whole, 1 broken, 2 unreadable.",
    )
    parser.add_argument(
        "bundle", metavar="BUNDLE", help="the evidence.json of an export, or its ZIP"
    )
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
        report = verify_bundle(_read(Path(asked.bundle)), trusted)
    except (BadNote, Unreadable, OSError) as error:
        says = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if asked.json:
            print(json.dumps({"verdict": "unreadable", "problems": [{"where": "", "says": says}]}))
        else:
            print(f"UNREADABLE: {says}", file=sys.stderr)
        return UNREADABLE
    print(json.dumps(_plain(report)) if asked.json else _sentences(report))
    return WHOLE if report.whole else BROKEN


def _read(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_BUNDLE:
        raise Unreadable("larger than any bundle")
    if is_zipfile(path):
        try:
            with ZipFile(path) as package:
                if package.getinfo(BUNDLE).file_size > LARGEST_BUNDLE:
                    raise Unreadable("larger than any bundle")
                return package.read(BUNDLE)
        except (KeyError, BadZipFile, NotImplementedError, RuntimeError) as error:
            raise Unreadable(f"a package without {BUNDLE} that can be read") from error
    return path.read_bytes()


def _sentences(report: Report) -> str:
    lines = []
    story = report.story
    if story is not None:
        lines += [
            f"{story.company}: {story.contact}, {story.number}",
            f"Exported {instant(story.made_at)} by {story.exporter} ({story.purpose})",
            f"{story.leaves} entries: "
            + ", ".join(f"{count} {kind}" for kind, count in sorted(story.kinds.items()))
            + f"; {story.withheld} parts are committed to and not shown",
        ]
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


def _plain(report: Report) -> dict[str, object]:
    story = report.story
    return {
        "verdict": "whole" if report.whole else "broken",
        "problems": [{"where": found.where, "says": found.says} for found in report.problems],
        "log": {
            "origin": report.origin,
            "size": report.size,
            "keys": [str(key) for key in report.keys],
            "key_was_known": report.key_was_known,
        },
        "story": story
        and {
            "company": story.company,
            "contact": story.contact,
            "number": story.number,
            "exporter": story.exporter,
            "purpose": story.purpose,
            "made_at": instant(story.made_at),
            "leaves": story.leaves,
            "kinds": dict(sorted(story.kinds.items())),
            "withheld": story.withheld,
        },
    }
