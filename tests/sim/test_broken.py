"""The list of broken builds speaks of lines that are there, and covers every promise."""

from __future__ import annotations

from tests.sim.broken import BEGIN, BREAKS, END, PAGE, ROOT


def test_each_break_names_a_line_of_today() -> None:
    gone = [
        f"{one.file}: {one.line!r}"
        for one in BREAKS
        if one.line not in (ROOT / "lotline" / one.file).read_text(encoding="utf-8")
    ]
    assert gone == [], "\n".join(["", *gone, "mend the list and run `python -m tests.sim.broken`"])
    assert {one.promise for one in BREAKS} == {f"P{n}" for n in range(1, 10)}


def test_each_was_caught() -> None:
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [line for line in table.splitlines() if line.startswith("| P")]
    assert len([row for row in rows if not row.startswith("| Promise")]) == len(BREAKS)
    assert "not caught" not in table
