r"""`lotline hear FILE.tsv`: what each text of a file asks for, one JSON object a line.

Only the column `text` is read; a literal `\n` in it is a line break. With `--report` the column
`label` is read too and the figures by which hearing is judged are printed instead of the rows.

Not here: any hearing. Exit 0 when every row was heard, 2 when the file cannot be read.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from lotline.core.consent.hearing import Heard, hear

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_USAGE = "usage: lotline hear FILE.tsv [--report]"
_LABELS = ("revoke", "revoke_partial", "wrong_number", "reopt_in", "help", "none", "ambiguous")
_HARMED = ("none", "help", "reopt_in")  # who must not be blocked


def run(argv: Sequence[str]) -> int:
    """The command; `argv` without its name."""
    names = [word for word in argv if not word.startswith("-")]
    options = {word for word in argv if word.startswith("-")}
    if len(names) != 1 or options - {"--report"}:
        return _refused(_USAGE)
    try:
        rows = list(_rows(Path(names[0])))
    except (OSError, UnicodeDecodeError) as error:
        return _refused(f"cannot read {names[0]}: {error}")
    except KeyError:
        return _refused(f"{names[0]} has no column 'text'")
    heard = [(row, hear(row["text"].replace("\\n", "\n"))) for row in rows]
    if "--report" in options:
        print(render_report([(row.get("label", ""), said) for row, said in heard]))
        return 0
    for _, said in heard:
        print(json.dumps(_shown(said), ensure_ascii=False))
    return 0


def render_report(heard: Sequence[tuple[str, Heard]]) -> str:
    """Per label: rows, precision and recall of the label, and what was decided; then the totals."""
    rows = Counter(label for label, _ in heard)
    given = Counter(said.label for _, said in heard)
    right = Counter(label for label, said in heard if label == said.label)
    decided = Counter((label, _decision(said)) for label, said in heard)
    lines = [f"{'label':16}{'rows':>6}{'P':>8}{'R':>8}   decisions"]
    for label in (name for name in _LABELS if rows[name] or given[name]):
        how = ", ".join(f"{to} {n}" for (of, to), n in sorted(decided.items()) if of == label)
        precision, recall = _share(right[label], given[label]), _share(right[label], rows[label])
        lines.append(f"{label:16}{rows[label]:6}{precision:>8}{recall:>8}   {how}")

    def went(label: str, *decisions: str) -> int:
        return sum(decided[label, decision] for decision in decisions)

    acted = ("block", "partial", "hold")
    blocked = sum(went(label, "block") for label in rows)
    harmed = sum(went(label, "block") for label in _HARMED)
    totals = {
        "revoke caught": _share(went("revoke", *acted), rows["revoke"]),
        "revoke blocked": _share(went("revoke", "block"), rows["revoke"]),
        "wrong number caught": _share(went("wrong_number", *acted), rows["wrong_number"]),
        "block precision": _share(blocked - harmed, blocked),
        "partial blocked": _share(went("revoke_partial", "block"), rows["revoke_partial"]),
        "partial missed": _share(went("revoke_partial", "none", "help"), rows["revoke_partial"]),
        "none held": _share(went("none", "hold", "partial"), rows["none"]),
        "started": str(sum(went(label, "start") for label in rows)),
    }
    return "\n".join([*lines, *(f"{name:20}{figure:>8}" for name, figure in totals.items())])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Tab-separated without quoting; a row may be shorter than the header."""
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    header = lines[0].rstrip("\r").split("\t")
    if "text" not in header:
        raise KeyError("text")
    for line in lines[1:]:
        if line.rstrip("\r"):
            row = dict(zip(header, line.rstrip("\r").split("\t"), strict=False))
            yield {"text": "", **row}


def _decision(said: Heard) -> str:
    """A wrong number is blocked like a stop; that it is one stands in the label."""
    return "block" if said.decision == "wrong_number" else said.decision


def _shown(said: Heard) -> dict[str, object]:
    return {
        "label": said.label,
        "scope": said.scope,
        "decision": _decision(said),
        "layer": said.layer,
        "score": said.score,
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _refused(why: str) -> int:
    print(why, file=sys.stderr)
    return 2
