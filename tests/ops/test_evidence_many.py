"""What one member wrote and what went over one line: whole, complete, honest, on paper too."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from lotline.actions.audit import audit_log
from lotline.actions.erase import erase_by_command
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.evidence import Asked
from lotline.actions.evidence_many import ExportedMany, export_line, export_member
from lotline.cli import evidence, verify
from lotline.core.ledger.checkpoint import read_public_key
from lotline.core.oversight.verify_many import ManyReport, verify_many
from lotline.store.exports import load_left
from tests.actions.house import House
from tests.ops.past import DANA, JOY, MARCUS, NAMES, SAID, contact_of


def of_ben(house: House, by: str = "ada", **more: Any) -> ExportedMany:
    asked = Asked("case 22", **more)
    return export_member(house.ctx, house.town.sign_in(by), house.town.members["ben"], asked)


def opened(made: ExportedMany) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made.file.getvalue())) as found:
        return {name: found.read(name) for name in found.namelist()}


def checked(bundle: bytes, key: str = "") -> ManyReport:
    return verify_many(io.BytesIO(bundle), [read_public_key(key)] if key else [])


def words(bundle: bytes) -> set[str]:
    found = set()
    for run in json.loads(bundle)["runs"]:
        for one in run["leaves"]:
            if "text" in one["shown"]:
                found.add(one["shown"]["text"]["content"]["body"])
    return found


def test_a_members_bundle_is_whole_and_holds_what_they_wrote_and_were_asked(house: House) -> None:
    made = of_ben(house)
    files = opened(made)
    report = checked(files["evidence.json"], made.key)
    assert report.problems == []
    assert report.key_was_known
    assert report.customers == made.customers == 2, "Dana and Joy; Marcus is Bea's"
    assert {SAID[0], SAID[1], SAID[2], SAID[4], SAID[5]} <= words(files["evidence.json"])
    assert SAID[3] not in files["evidence.json"].decode()
    pages = [
        " ".join(one.extract_text().split())
        for one in PdfReader(io.BytesIO(files["evidence.pdf"])).pages
    ]
    assert "Ben Ostrander sent 2 texts to 2 customers" in pages[0]
    assert "none left after a stop that covers it" in pages[0]
    assert f"Page 1 of {len(pages)}" in pages[0]
    assert str(made.export_id) in pages[-1]
    paper = " ".join(pages)
    for said in ("Dana Whitfield", "Joy Castellano", SAID[1], SAID[5], "version 1 as “Ben"):
        assert said in paper, said
    assert audit_log(house.ctx, house.town.group_id).whole, "the export is an entry like others"


def test_a_lines_bundle_and_its_days(house: House) -> None:
    ada = house.town.sign_in("ada")
    made = export_line(house.ctx, ada, house.town.lines["service"], Asked("case 22"))
    bundle = opened(made)["evidence.json"]
    assert checked(bundle).problems == []
    assert SAID[3] in words(bundle)
    assert SAID[0] not in bundle.decode()
    early = house.town.clock.at.replace(year=2020)
    none = opened(export_line(house.ctx, ada, house.town.lines["service"], Asked("x", until=early)))
    assert checked(none["evidence.json"]).customers == 0
    consent = opened(of_ben(house, texts=False))["evidence.json"]
    assert checked(consent).problems == []
    assert words(consent) == set()
    assert '"kind":"consent"' in consent.decode()


def test_who_may_not_gets_none_and_a_manager_gets_their_lines(house: House) -> None:
    town = house.town
    with pytest.raises(NotAllowed):
        of_ben(house, by="bea")
    with pytest.raises(NotYours):
        export_line(house.ctx, town.sign_in("mo"), town.lines["dock"], Asked("x"))
    with pytest.raises(Refused):
        export_member(house.ctx, town.sign_in("ada"), town.members["ben"], Asked(" "))
    with pytest.raises(NotYours):  # who shares no line with them is not theirs to name
        export_member(house.ctx, town.sign_in("mo"), town.members["cy"], Asked("x"))
    assert of_ben(house, by="mo").customers == 2


def test_what_was_changed_is_named_on_the_first_page_and_what_was_erased_is_not_there(
    house: House,
) -> None:
    erase_by_command(house.ctx, house.town.group_id, contact_of(house, JOY), "asked")
    house.ask("update consent_entries set source = 'phone' where source = 'in_person' returning id")
    made = of_ben(house)
    files = opened(made)
    assert made.changed
    first = PdfReader(io.BytesIO(files["evidence.pdf"])).pages[0].extract_text()
    assert "changed after it was recorded" in " ".join(first.split())
    assert NAMES[JOY] not in files["evidence.json"].decode()
    with house.ctx.db.transaction(house.town.group_id) as tx:
        (left,) = load_left(tx, house.town.sign_in("noor"))
        assert load_left(tx, house.town.sign_in("mo")) == []
    assert (left.kind, left.about, left.purpose) == ("member", "Ben Ostrander", "case 22")


CHANGES = (
    (SAID[1], SAID[1].replace("seven", "sevan")),
    (NAMES[DANA], "Dana Whitfielt"),
    ('"verdict":"allow"', '"verdict":"blocK"'),
    ('"purpose":"case 22"', '"purpose":"case 23"'),
)


def test_the_command_and_one_byte_changed(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ben.zip"
    asked = ["--member", str(house.town.members["ben"]), "--purpose", "case 22", "--out", str(out)]
    assert evidence.run(house.ctx, asked) == 0
    assert verify.run([str(out)]) == 0
    assert "member Ben Ostrander" in capsys.readouterr().out
    line = ["--line", "+16145550102", "--purpose", "x", "--out", str(tmp_path / "line.json")]
    assert evidence.run(house.ctx, line) == 0
    assert verify.run([line[-1]]) == 0
    with zipfile.ZipFile(out) as found:
        bundle = found.read("evidence.json")
    plain = tmp_path / "evidence.json"
    capsys.readouterr()
    for old, new in CHANGES:
        plain.write_bytes(bundle.replace(old.encode(), new.encode(), 1))
        assert verify.run([str(plain)]) == 1, old
    plain.write_bytes(bundle.replace(SAID[1].encode(), SAID[1].upper().encode(), 1))
    capsys.readouterr()
    assert verify.run([str(plain)]) == 1
    (text,) = house.ask(
        "select id from texts where author_id is not null and contact_id = %s",
        contact_of(house, DANA),
    )
    assert f"text {text[0]} of " in capsys.readouterr().out, "it says which"
    for cut in (bundle[: len(bundle) // 2], bundle[:-4], bundle + b"{}"):
        plain.write_bytes(cut)
        assert verify.run([str(plain)]) == 1
    lines = bundle.split(b"\n")
    plain.write_bytes(b"\n".join([lines[0], lines[2], *lines[3:]]))
    assert verify.run([str(plain)]) == 1, "a customer was left out"
    for more in (["--member", "nobody at all"], ["--line", "+16145550199"]):
        assert evidence.run(house.ctx, [*more, "--purpose", "x", "--out", str(tmp_path / "n")]) == 2


@pytest.mark.browser
def test_a_browser_without_network_says_the_same(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    files = opened(of_ben(house))
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    page.goto((tmp_path / "verify.html").as_uri())
    out = page.get_by_role("status")

    def check(bundle: bytes) -> str:
        (tmp_path / "evidence.json").write_bytes(bundle)
        page.get_by_label("Evidence file").set_input_files([])
        page.get_by_label("Evidence file").set_input_files(tmp_path / "evidence.json")
        expect(out.get_by_role("heading")).to_be_visible()
        return str(out.inner_text())

    bundle = files["evidence.json"]
    says = check(bundle)
    assert says.startswith("WHOLE\n"), says
    assert "of 2 customers" in says
    assert "member Ben Ostrander" in says
    for old, new in CHANGES:
        says = check(bundle.replace(old.encode(), new.encode(), 1))
        assert says.startswith("BROKEN"), (old, says)
    assert "row sevan" in check(bundle.replace(b"row seven", b"row sevan", 1))
    assert check(bundle[:-4]).startswith("BROKEN")
    context.close()


def test_marcus_is_of_the_line_alone(house: House) -> None:
    assert NAMES[MARCUS] not in opened(of_ben(house))["evidence.json"].decode()
