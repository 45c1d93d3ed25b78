"""A bundle from real rows is whole, complete and honest; who may not have one gets nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.evidence import Exported, export_by_command, export_evidence
from lotline.cli import evidence, verify
from lotline.core.consent.wording import first_wording
from lotline.core.ledger.checkpoint import read_public_key
from lotline.core.oversight.verify import Report, verify_bundle
from tests.actions.house import House
from tests.ops.past import DANA, JOY, NAMES, NIA, SAID, contact_of
from tests.town import COMPANY


def export(house: House, number: str, by: str = "ada", **more: Any) -> Exported:
    viewer = house.town.sign_in(by)
    return export_evidence(
        house.ctx, viewer, contact_of(house, number), purpose="a letter of 3 November", **more
    )


def verified(made: Exported) -> Report:
    report = verify_bundle(made.data, [read_public_key(made.key)])
    assert report.problems == ()
    assert report.key_was_known
    return report


def shown(made: Exported, part: str) -> list[dict[str, Any]]:
    chain = json.loads(made.data)["chain"]
    return [one["shown"][part]["content"] for one in chain if part in one["shown"]]


@pytest.mark.parametrize("number", list(NAMES))
def test_a_bundle_of_real_rows_is_whole(house: House, number: str) -> None:
    story = verified(export(house, number)).story
    assert story is not None
    assert (story.contact, story.number) == (NAMES[number], number)
    assert story.exporter == "Ada Quist"


def test_it_holds_the_words_the_entries_the_decisions_and_their_facts(house: House) -> None:
    made = export(house, DANA)
    verified(made)
    assert {text["body"] for text in shown(made, "text")} >= set(SAID[:3])
    assert len(shown(made, "entry")) == 1  # met in person; later texts ask for nothing new
    assert len(shown(made, "decision")) == len(shown(made, "facts")) == 2  # submit and dispatch
    beside = json.loads(made.data)["beside"]
    names = [one["shown"]["act"]["content"]["detail"]["name"] for one in beside]
    assert names == ["Ben Ostrander"]


def test_a_yes_on_our_page_shows_the_wording_that_was_read(house: House) -> None:
    made = export(house, NIA)
    verified(made)
    (entry,) = shown(made, "entry")
    (wording,) = shown(made, "wording")
    (proof,) = shown(made, "proof")
    assert entry["kind"] == "written"
    assert entry["wording"] == wording["id"]
    assert wording["body"] == first_wording(COMPANY)
    assert proof["proof"]["number"] == NIA


def test_the_second_bundle_shows_the_first_and_that_the_log_grew_from_it(house: House) -> None:
    first = export(house, DANA)
    house.text_in(DANA, "One more thing")
    second = export(house, DANA)
    story = verified(second).story
    assert story is not None
    assert story.kinds["export"] == 2
    log = json.loads(second.data)["log"]
    earlier = [one["checkpoint"] for one in log["earlier"]]
    assert earlier == [json.loads(first.data)["log"]["checkpoint"]]


def test_without_texts_they_are_there_and_not_shown(house: House) -> None:
    made = export(house, DANA, texts=False)
    verified(made)
    assert shown(made, "text") == shown(made, "decision") == []
    assert not any(words in made.data.decode() for words in SAID)


def test_a_manager_shows_only_what_is_on_lines_within_reach(house: House) -> None:
    house.town.meet(DANA, "", by="cy", line="dock", how="not_yet")
    house.text_in(DANA, "And at the other store?", line="dock")
    made = export(house, DANA, by="mo")
    verified(made)
    words = {text["body"] for text in shown(made, "text")}
    assert SAID[0] in words
    assert "And at the other store?" not in words
    everything = {text["body"] for text in shown(export(house, DANA, by="noor"), "text")}
    assert "And at the other store?" in everything


@pytest.mark.parametrize("by", ["ben", "bea", "cy"])
def test_staff_export_nothing(house: House, by: str) -> None:
    with pytest.raises(NotAllowed):
        export(house, DANA, by=by)


def test_a_contact_outside_reach_is_not_there(house: House) -> None:
    house.town.meet("+16145550145", "Dockside Only", by="cy", line="dock")
    with pytest.raises(NotYours):
        export(house, "+16145550145", by="mo")


def test_a_row_that_was_changed_is_named_and_not_shown(house: House) -> None:
    with psycopg.connect(house.database.dsn("superuser")) as link:
        link.execute("update consent_entries set source = 'web_form' where source = 'in_person'")
    made = export(house, DANA)
    verified(made)
    assert shown(made, "entry") == []
    (said,) = made.changed
    assert said.startswith("consent ")
    assert said.endswith("its entry changed after it was recorded")


def test_a_command_of_the_installation_exports_too(house: House) -> None:
    made = export_by_command(
        house.ctx,
        house.town.group_id,
        contact_of(house, JOY),
        purpose="subpoena",
        name="operator",
    )
    story = verified(made).story
    assert story is not None
    assert story.exporter == "operator"


def test_a_purpose_is_asked_for(house: House) -> None:
    with pytest.raises(Refused):
        export_evidence(house.ctx, house.town.sign_in("ada"), contact_of(house, DANA), purpose="  ")


def test_the_command_writes_a_file_that_verify_accepts(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "evidence.json"
    words = ["--number", "(614) 555-0142", "--purpose", "a letter", "--out", str(out)]
    assert evidence.run(house.ctx, words) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    key = re.search(r"--key '(.+)'", capsys.readouterr().out)
    assert key is not None
    assert verify.run([str(out), "--key", key[1]]) == 0
    assert "WHOLE" in capsys.readouterr().out
    assert evidence.run(house.ctx, words) == 2, "nothing is written over"
    whole = tmp_path / "evidence.zip"
    assert evidence.run(house.ctx, [*words[:-1], str(whole), "--until", "2020-01-01"]) == 0
    assert verify.run([str(whole), "--key", key[1]]) == 0
    stranger = ["--number", "+16145550199", "--purpose", "x", "--out", str(tmp_path / "b")]
    assert evidence.run(house.ctx, stranger) == 2
