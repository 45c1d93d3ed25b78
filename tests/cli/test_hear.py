"""`lotline hear` keeps its contract: one JSON object a line per row, six decisions, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lotline.cli.hear import run

HEADER = "text\tlabel\tscope\tlang\tnote\n"
SENTENCES = Path(__file__).parents[1] / "core" / "hearing" / "sentences.tsv"
DECISIONS = {"block", "partial", "hold", "start", "help", "none"}


@pytest.fixture
def heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> object:
    def hear_lines(*rows: str) -> list[dict[str, object]]:
        file = tmp_path / "rows.tsv"
        file.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        assert run([str(file)]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return hear_lines


def test_one_object_a_line_with_the_five_words(heard: object) -> None:
    assert callable(heard)

    lines = heard(
        "STOP\trevoke", 'he said "hi\tnone', "wrong number", "ok\\nstop", "", "who is this?"
    )

    assert [line["decision"] for line in lines] == ["block", "none", "block", "block", "help"]
    assert lines[0] == {
        "label": "revoke",
        "scope": "all",
        "decision": "block",
        "layer": "keyword",
        "score": 1.0,
    }
    assert lines[2]["label"] == "wrong_number"


def test_an_empty_text_is_still_a_row(heard: object) -> None:
    assert callable(heard)

    assert [line["decision"] for line in heard("\tnone\t-\ten\tgeneral", "STOP\tx")] == [
        "none",
        "block",
    ]


def test_every_labelled_sentence_gets_a_decision(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(SENTENCES)]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rows = SENTENCES.read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == len(rows)
    assert {line["decision"] for line in lines} <= DECISIONS


def test_the_report_has_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(SENTENCES), "--report"]) == 0

    said = capsys.readouterr().out
    for figure in ("revoke caught", "block precision", "none held", "wrong number caught"):
        assert figure in said


@pytest.mark.parametrize("argv", [[], ["a", "b"], ["--nonsense", "a"], ["/nowhere/at/all.tsv"]])
def test_what_cannot_be_read_is_said_and_exits_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(argv) == 2
    assert capsys.readouterr().err


def test_a_file_without_texts_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.tsv"
    file.write_text("name\tage\nRay\t40\n", encoding="utf-8")

    assert run([str(file)]) == 2
