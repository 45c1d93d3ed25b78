"""The list of broken builds speaks of lines that are there, and covers every promise."""

from __future__ import annotations

from tests.sim.broken import BREAKS, ROOT


def test_each_break_names_a_line_of_today() -> None:
    gone = [
        f"{one.file}: {one.line!r}"
        for one in BREAKS
        if one.line not in (ROOT / "lotline" / one.file).read_text(encoding="utf-8")
    ]
    assert gone == [], "\n".join(["", *gone, "mend the list and run `python -m tests.sim.broken`"])
    assert {one.promise for one in BREAKS} == {f"P{n}" for n in range(1, 10)}
