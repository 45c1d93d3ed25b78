"""What was on a private phone is in the evidence, as what it is: brought in, by whom and when.

Each is tried on a customer with texts of the company's own, so that the two must be told apart.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from lotline.actions import bring
from lotline.actions.bring_keep import keep
from lotline.actions.check import check_ledger
from lotline.actions.erase import erase_by_command
from lotline.actions.evidence import Asked, Exported, export_evidence
from lotline.actions.evidence_many import export_line, export_member
from lotline.cli.verify import BROKEN, WHOLE, run
from lotline.core.messaging.phone import Export, PhoneText
from lotline.core.oversight.answer import answer
from lotline.core.oversight.told import Told
from lotline.core.oversight.verify import verify_bundle
from tests.actions.house import House
from tests.ops.packages import Reader, export, opened, words_of
from tests.ops.past import DANA, JOY, contact_of

ASKED, ANSWERED = "Does the saxophone fit in the trunk?", "It does, I tried it at home"


def brings_in(house: House, number: str, *, by: str = "ben", days: int = 40) -> None:
    """Two texts from the member's own phone come over, the customer's first."""
    said = house.town.clock() - timedelta(days=days)

    def read(_tell: Callable[[int], None]) -> Iterator[PhoneText]:
        yield PhoneText(number, "in", said, ASKED)
        yield PhoneText(number, "out", said + timedelta(minutes=1), ANSWERED)

    viewer = house.town.sign_in(by)
    made = bring.begin(house.ctx, viewer, "android", 1)
    bring.read(house.ctx, viewer, made, Export("android", 1, read))
    assert keep(house.ctx, viewer, made, [contact_of(house, number)]) == 2


def paper(made: Exported) -> str:
    return " ".join(words_of(opened(made)["evidence.pdf"]))


def test_it_is_in_the_customers_evidence_and_never_as_ours(house: House) -> None:
    brings_in(house, DANA)
    made = export(house, DANA)
    report = verify_bundle(made.data)
    assert report.problems == ()
    assert report.story is not None
    assert report.story.kinds["brought"] == 2
    chain = json.loads(made.data)["chain"]
    shown = [
        one["shown"]["brought"]["content"] for one in chain if one["leaf"]["kind"] == "brought"
    ]
    assert [one["body"] for one in shown] == [ASKED, ANSWERED]
    ben = str(house.town.members["ben"])
    assert {(one["by"], one["phone"]) for one in shown} == {(ben, "android")}
    assert not any(ASKED in json.dumps(one) for one in chain if one["leaf"]["kind"] == "text")
    told = Told(made.data)
    assert told.person(ben) == "Ben Ostrander"
    whole = paper(made)
    ours, _, apart = whole.partition("Brought in from private phones")
    assert ANSWERED not in ours
    assert ANSWERED in apart
    assert "2 texts were on a private phone of Ben Ostrander and came over later" in apart
    assert "No number of the company sent or received them" in apart
    assert "by Ben Ostrander from their own Android phone" in apart
    assert check_ledger(house.ctx, house.town.group_id).whole


def test_a_changed_byte_in_one_is_found_and_named(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brings_in(house, DANA)
    made = export(house, DANA)
    file = tmp_path / "evidence.json"
    file.write_bytes(made.data)
    assert run([str(file)]) == WHOLE
    assert "2 brought" in capsys.readouterr().out
    at = next(n for n, one in enumerate(json.loads(made.data)["chain"]) if ASKED in json.dumps(one))
    for old, new in (("saxophone", "saxophome"), ('"phone":"android"', '"phone":"iphone"')):
        file.write_bytes(made.data.replace(old.encode(), new.encode(), 1))
        assert run([str(file)]) == BROKEN
        assert f"chain[{at}].shown.brought" in capsys.readouterr().out


@pytest.mark.browser
def test_a_browser_says_whose_phone_it_was_and_finds_a_changed_byte(
    house: House,
    reader: Reader,
) -> None:
    brings_in(house, DANA)
    made = export(house, DANA)
    says = reader.check(made.data, made.key)
    assert says.startswith("WHOLE"), says
    day = house.town.clock().date().isoformat()
    assert "2 of the texts were never sent or received by Lotline" in says
    assert f"brought in by Ben Ostrander on {day}" in says
    says = reader.check(made.data.replace(b"saxophone", b"saxophome", 1))
    assert says.startswith("BROKEN"), says
    assert "Text from a private phone" in says
    assert "saxophome" in says


def test_a_row_that_was_changed_is_named_and_not_shown(house: House) -> None:
    brings_in(house, DANA)
    sql = "update brought_texts set said_at = said_at + interval '1 day' where direction = 'out'"
    house.ask(f"{sql} returning id")
    made = export(house, DANA)
    assert [one.split()[0] for one in made.changed] == ["brought"]
    assert ANSWERED not in made.data.decode()
    assert ASKED in made.data.decode()
    assert "1 brought in are in the chain and not shown" in paper(made)


def test_what_was_written_after_a_stop_is_counted_in_the_answer(house: House) -> None:
    """Joy asked us to stop; a private phone went on."""
    house.town.clock.pass_by(days=2)
    brings_in(house, JOY, days=1)
    said = answer(Told(export(house, JOY).data))
    assert "No other text shown here was sent by the company after it." in said
    assert said.endswith("1 from a private phone did, and came over later.")


def test_days_and_consent_alone_close_them(house: House) -> None:
    brings_in(house, DANA)
    before = house.town.clock() - timedelta(days=39)
    assert ASKED in export(house, DANA, until=before).data.decode()
    for made in (export(house, DANA, since=before), export(house, DANA, texts=False)):
        assert verify_bundle(made.data).problems == ()
        assert ASKED not in made.data.decode()
        assert ANSWERED not in made.data.decode()


def test_with_the_members_evidence_and_not_with_a_lines(house: House) -> None:
    brings_in(house, DANA)
    town, ada, mo = house.town, house.town.sign_in("ada"), house.town.sign_in("mo")
    asked = Asked("case 22")
    by_ben = all_of(export_member(house.ctx, ada, town.members["ben"], asked).file)
    assert ASKED in by_ben
    assert "by Ben Ostrander from their own" in by_ben
    sales = all_of(export_line(house.ctx, ada, town.lines["sales"], asked).file)
    assert ASKED not in sales
    seen: Any = export_evidence(house.ctx, mo, contact_of(house, DANA), purpose="case 22")
    assert ASKED in seen.data.decode(), "whoever reaches the customer reads it on their page too"


def all_of(file: io.BytesIO) -> str:
    with zipfile.ZipFile(file) as found:
        pages = PdfReader(io.BytesIO(found.read("evidence.pdf"))).pages
        words = " ".join(" ".join(page.extract_text().split()) for page in pages)
        return found.read("evidence.json").decode() + words


def test_once_the_customer_is_erased_the_ledger_stays_whole(house: House) -> None:
    brings_in(house, DANA)
    assert erase_by_command(house.ctx, house.town.group_id, contact_of(house, DANA), "asked")
    assert check_ledger(house.ctx, house.town.group_id).whole
