"""The package that is handed out: on paper, for a browser without network, with its sums."""

from __future__ import annotations

import io
from collections.abc import Iterator
from hashlib import sha256

import pytest
from pypdf import PdfReader

from lotline.core.oversight.answer import answer
from lotline.core.oversight.told import Told
from lotline.core.oversight.verify import verify_bundle
from tests.actions.house import House
from tests.ops.packages import Reader, export, opened, words_of
from tests.ops.past import DANA, JOY, NIA, SAID


@pytest.mark.parametrize("size, width", [("letter", 612), ("a4", 595)])
def test_the_package_holds_the_paper_and_its_sums(house: House, size: str, width: int) -> None:
    made = export(house, JOY)
    files = opened(made, size)
    assert sorted(files) == ["SHA256SUMS", "evidence.json", "evidence.pdf", "verify.html"]
    assert files["evidence.json"] == made.data
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert sha256(files[name]).hexdigest() == digest
    assert opened(made, size) == files, "the same bundle gives the same package"
    pages = words_of(files["evidence.pdf"])
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert str(made.export_id) in page
    assert round(PdfReader(io.BytesIO(files["evidence.pdf"])).pages[0].mediabox.width) == width
    whole = " ".join(pages)
    assert "Joy Castellano had asked to stop all texts at" in pages[0]
    assert "(“stop texting me”)" in pages[0]
    assert all(said in whole for said in SAID[4:6])
    assert sha256(made.data).hexdigest() in whole.replace(" ", "")
    assert "Ben Ostrander" in whole


def test_the_answer_is_of_the_last_day(house: House) -> None:
    nia = Told(export(house, NIA).data)
    assert "Nia Okonjo had agreed in writing to offers on a web form at" in answer(nia)
    before = house.town.clock.at.replace(year=2020)
    early = Told(export(house, JOY, until=before).data)
    assert "nothing on record said that Joy Castellano had agreed" in answer(early)


def test_dates_close_the_texts_outside_them_and_nothing_else(house: House) -> None:
    early = house.town.clock.at.replace(year=2020)
    made = export(house, DANA, until=early)
    assert verify_bundle(made.data).problems == ()
    assert not any(words in made.data.decode() for words in SAID)
    whole = export(house, DANA, since=early)
    assert verify_bundle(whole.data).problems == ()
    assert all(words in whole.data.decode() for words in SAID[:3])


def test_what_was_changed_stands_on_the_first_page(house: House) -> None:
    house.ask("update consent_entries set source = 'phone' where source = 'in_person' returning id")
    made = export(house, DANA)
    assert made.changed
    first = words_of(opened(made)["evidence.pdf"])[0]
    assert "found changed or broken" in first
    assert "its entry changed after it was recorded" in first


@pytest.mark.browser
def test_a_browser_without_network_says_whole_or_what_was_changed(
    house: House, reader: Reader
) -> None:
    export(house, DANA)  # so that the second proves that the log grew
    house.text_in(DANA, "One more thing")
    made = export(house, DANA)
    says = reader.check(made.data, made.key)
    assert says.startswith("WHOLE\n"), says
    assert "Dana Whitfield" in says
    for old, new, names in _changes(made.data.decode()):
        broken = made.data.replace(old.encode(), new.encode(), 1)
        assert broken != made.data
        says = reader.check(broken)
        assert says.startswith("BROKEN"), (old, says)
        assert names in says, says
        assert verify_bundle(broken).problems
        assert any(one.where in says for one in verify_bundle(broken).problems), says
    assert "not signed by the key you gave" in reader.check(
        made.data, made.key.replace("+", "+0", 1)
    )
    assert reader.check(b'{"format":"x"}').startswith("UNREADABLE")


def _changes(bundle: str) -> Iterator[tuple[str, str, str]]:
    """One byte of a text, of a consent entry, of a proof's hash, of a signature."""
    yield SAID[0], SAID[0].replace("silver", "silvir"), "silvir"
    yield '"source":"in_person"', '"source":"in_persom"', "Consent entry"
    proof = bundle[bundle.index('"proof":["', bundle.index('"chain":[{')) + 10 :][:8]
    yield proof, ("A" if proof[0] != "A" else "B") + proof[1:], "not in the signed log"
    yield '"purpose":"case 22"', '"purpose":"case 23"', "Export"
    signature = bundle[bundle.index("\u2014 ") :][:80].split(" ")[2][20:30]
    yield signature, ("A" if signature[0] != "A" else "B") + signature[1:], "signature"
