"""A list is in force whole or not at all, by its own date; its numbers are nowhere in clear."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.errors import NotAllowed, Refused
from lotline.actions.lists import Imported, import_list, import_list_by_command, load_lists
from lotline.cli import lists as command
from lotline.core.base.lists import Listed, read_line
from lotline.core.gate.facts import Facts, Sender
from lotline.core.messaging.purpose import Purpose
from lotline.store.facts import Asked, load_facts
from tests.town import Town

DANA, JOY = "+16145550142", "+16145550144"
DAY = date(2026, 11, 10)


def of(*lines: str) -> Callable[[], Iterable[bytes]]:
    return lambda: [f"{line}\n".encode() for line in lines]


def bring(town: Town, kind: str, *lines: str, as_of: date = DAY, region: str = "") -> Imported:
    return import_list_by_command(
        town.ctx, town.group_id, kind, of(*lines), as_of=as_of, region=region
    )


def told(town: Town, number: str = DANA, who: UUID | None = None) -> Facts:
    contact = who or met(town, number)
    asked = Asked(contact, town.lines["sales"], Purpose.OFFER, Sender.PERSON, town.clock())
    with town.ctx.db.transaction(town.group_id) as tx:
        (found,) = load_facts(tx, [asked])
    return found


def met(town: Town, number: str = DANA) -> UUID:
    town.meet(number, "Dana Whitfield", by="ben", line="sales")
    with town.ctx.db.transaction(town.group_id) as tx:
        row: Any = tx._conn.execute("select id from contacts order by id desc").fetchone()
    found: UUID = row.id
    return found


def counted(town: Town, table: str) -> int:
    with town.ctx.db.transaction(town.group_id) as tx:
        row: Any = tx._conn.execute(f"select count(*) as n from {table}".encode()).fetchone()
    found: int = row.n
    return found


@pytest.mark.parametrize(
    "raw, number, since",
    [
        (b"6145550142", DANA, None),
        (b"+16145550142\r\n", DANA, None),
        (b"(614) 555-0142", DANA, None),
        (b"614,5550142\n", DANA, None),
        (b'"614-555-0142","2025-06-01","gone"\n', DANA, date(2025, 6, 1)),
        (b"\xef\xbb\xbf16145550142;2025-06-01\n", DANA, date(2025, 6, 1)),
        (b"614.555.0142\t\n", DANA, None),
    ],
)
def test_forms_of_a_number(raw: bytes, number: str, since: date | None) -> None:
    assert read_line(raw) == Listed(number, since)


@pytest.mark.parametrize("raw", [b"", b"\n", b"number,date\n", b"# as of 2026-11-01\n"])
def test_lines_that_hold_none_on_purpose(raw: bytes) -> None:
    assert read_line(raw) is None


@pytest.mark.parametrize(
    "raw",
    [b"5550142", b"614555014", b"61455501420", b"0145550142", b"6140550142", b"6145550142 77",
     b"6145550142,2025-13-01", b"4415550142x", b"\x00\x01\xff9"],
)  # fmt: skip
def test_odd_lines(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"number|month"):
        read_line(raw)


def test_a_list_is_asked_for_each_contact(town: Town) -> None:
    dana, joy = met(town), met(town, JOY)
    bring(town, "national_dnc", "6145550142", "6145550143")
    bring(town, "litigators", "6145550144")
    found, other = told(town, who=dana), told(town, who=joy)

    assert (found.national_dnc, found.litigator) == (True, False)
    assert (other.national_dnc, other.litigator) == (False, True)
    assert dict(found.lists) == {
        "national_dnc": DAY, "state_dnc:OH": None, "reassigned": None, "litigators": DAY,
    }  # fmt: skip


def test_the_newest_replaces_and_an_older_one_is_refused(town: Town) -> None:
    dana = met(town)
    bring(town, "national_dnc", "6145550142")
    assert bring(town, "national_dnc", "6145550199", as_of=DAY + timedelta(days=2)).new
    found = told(town, who=dana)
    assert not found.national_dnc
    assert dict(found.lists)["national_dnc"] == DAY + timedelta(days=2)
    assert counted(town, "list_numbers") == 1, "the numbers of the older copy are gone"
    assert counted(town, "list_imports") == 2, "that it was imported stays"
    with pytest.raises(Refused, match="newer copy, of 2026-11-12"):
        bring(town, "national_dnc", "6145550142")


def test_the_same_file_again_changes_nothing(town: Town) -> None:
    first = bring(town, "national_dnc", "6145550142", "6145550142", "614 555 0142")
    again = bring(town, "national_dnc", "6145550142", "6145550142", "614 555 0142")

    assert (first.new, again.new) == (True, False)
    assert again.copy.id == first.copy.id
    assert counted(town, "list_numbers") == counted(town, "list_imports") == 1
    assert bring(town, "national_dnc", "6145550143").new, "another file of the same day replaces it"


def test_a_number_given_up_before_a_yes_is_the_new_holders(town: Town) -> None:
    dana = met(town)
    bring(town, "reassigned", "6145550142,2025-01-01")
    assert told(town, who=dana).reassigned in ("yes", "no")
    with town.ctx.db.transaction(town.group_id) as tx:
        rows: list[Any] = tx._conn.execute(
            "select says, said_at from consent_entries where says = 'yes'"
        ).fetchall()
    assert told(town, who=dana).reassigned == ("no" if rows else "yes")
    bring(town, "reassigned", "6145550142,2027-01-01", as_of=DAY + timedelta(days=1))
    assert told(town, who=dana).reassigned == "yes"
    bring(town, "reassigned", "6145550142", as_of=DAY + timedelta(days=2))
    assert told(town, who=dana).reassigned == "yes"


def test_bad_lines_are_counted_and_named_by_their_place(town: Town) -> None:
    done = bring(town, "national_dnc", "number", "6145550142", "614", "", "6145550143", "12")

    assert (done.copy.numbers, done.copy.bad, done.bad_lines) == (2, 2, (3, 6))


@pytest.mark.parametrize(
    "kind, region, lines, said",
    [
        ("national_dnc", "", ["nothing", "here"], "no telephone number"),
        ("national_dnc", "", ["6145550142", "1", "2"], "Most lines"),
        ("national_dnc", "OH", ["6145550142"], "Only a state's"),
        ("state_dnc", "", ["6145550142"], "which state"),
        ("state_dnc", "ZZ", ["6145550142"], "which state"),
        ("state_dnc", "OH", ["6145550142"], "Ohio keeps no list"),
        ("friends", "", ["6145550142"], "no list of that kind"),
    ],
)
def test_what_is_no_list_changes_nothing(
    town: Town, kind: str, region: str, lines: list[str], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        bring(town, kind, *lines, region=region)
    with pytest.raises(Refused, match="still to come"):
        bring(town, "national_dnc", "6145550142", as_of=date(2027, 1, 1))
    assert counted(town, "list_imports") == 0


def test_an_import_that_breaks_off_leaves_the_one_before(town: Town) -> None:
    dana = met(town)
    bring(town, "national_dnc", "6145550142")
    calls = []

    def breaks() -> Iterable[bytes]:
        calls.append(1)
        yield b"6145550199\n"
        if len(calls) > 1:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        import_list_by_command(
            town.ctx, town.group_id, "national_dnc", breaks, as_of=DAY + timedelta(days=1)
        )
    assert told(town, who=dana).national_dnc


def test_two_at_once_are_one_after_the_other(town: Town) -> None:
    done: list[Imported] = []
    lines = [f"614555{n:04}" for n in range(100, 200)]

    def act() -> None:
        done.append(bring(town, "national_dnc", *lines))

    several = [threading.Thread(target=act) for _ in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert sorted(one.new for one in done) == [False, False, True]
    assert counted(town, "list_numbers") == 100


def test_it_is_an_act_in_the_ledger_and_no_number_is_kept(town: Town) -> None:
    bring(town, "national_dnc", "6145550142")
    with town.ctx.db.transaction(town.group_id) as tx:
        acts: list[Any] = tx._conn.execute(
            "select a.id, a.detail from access_acts a join ledger_leaves l on l.subject_id = a.id "
            "where a.what = 'list_imported'"
        ).fetchall()
        kept: list[Any] = tx._conn.execute("select number_hash from list_numbers").fetchall()
    (act,) = acts
    assert act.detail["numbers"] == 1
    assert b"5550142" not in bytes(kept[0].number_hash)
    assert "5550142" not in str(act.detail)


def test_hashes_of_another_key_clear_nobody(town: Town) -> None:
    """After the look-up key is changed a list must be imported again: until then it is too old."""
    dana = met(town)
    bring(town, "national_dnc", "6145550142")
    with town.ctx.db.transaction(town.group_id) as tx:
        tx._conn.execute(
            "update contacts set number_hash = set_byte(number_hash, 0, "
            "get_byte(number_hash, 0) # 64) where id = %s", (dana,)
        )  # fmt: skip
    found = told(town, who=dana)
    assert not found.national_dnc
    assert dict(found.lists)["national_dnc"] == date.min


def test_a_page_shows_what_there_is_and_only_to_the_owner(town: Town) -> None:
    bring(town, "national_dnc", "6145550142", as_of=date(2026, 10, 1))
    shown = load_lists(town.ctx, town.sign_in("ada"), ["OH", "FL"])

    assert [(one.kind, one.region, one.too_old) for one in shown] == [
        ("national_dnc", "", True), ("state_dnc", "FL", False), ("reassigned", "", False),
        ("litigators", "", False),
    ]  # fmt: skip
    for who in ("mo", "ben", "noor"):
        with pytest.raises(NotAllowed):
            load_lists(town.ctx, town.sign_in(who), [])
        with pytest.raises(NotAllowed):
            import_list(town.ctx, town.sign_in(who), "national_dnc", of("6145550142"), as_of=DAY)


def test_the_command(town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list.csv"
    file.write_text("number\n6145550142\n614\n", encoding="utf-8")
    group = ["--group", str(town.group_id)]
    words = ["import", "national_dnc", str(file), "--as-of", "2026-11-10", *group]

    assert command.run(town.ctx, words) == 0
    out = capsys.readouterr().out
    assert out == "national_dnc of 2026-11-10: 1 numbers, in force\n1 lines held no number: 3\n"
    assert command.run(town.ctx, words) == 0
    assert "nothing changed" in capsys.readouterr().out
    words[2] = str(tmp_path / "gone.csv")
    assert command.run(town.ctx, words) == 2
    words[1:3] = ["state_dnc", str(file)]
    assert command.run(town.ctx, [*words, "--state", "oh"]) == 2
    assert "Ohio keeps no list" in capsys.readouterr().err
