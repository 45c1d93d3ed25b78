"""A rulebook is its data: all of it is there, none of it odd, and its digest moves with it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from types import ModuleType

import pytest

import lotline.core.gate.rules as rules_package
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import (
    BASIS,
    CHECKS,
    FILES,
    OddRulebook,
    load_rulebook,
    read_rulebook,
)
from tests.rules.specimens import BOOK, facts

FOLDER = resources.files("lotline.core.gate.rulebook")
BYTES = {name: (FOLDER / f"{name}.toml").read_bytes() for name in FILES}
RULE_FILES = sorted(
    path
    for path in Path(str(rules_package.__file__)).parent.glob("*/*.py")
    if path.name != "__init__.py"
)


def test_every_rule_file_is_listed() -> None:
    """Rules are listed by hand, so that their order is read; a file left out would be silent."""
    listed = {Path(str(check.__file__)).resolve() for check in CHECKS}

    assert listed == {path.resolve() for path in RULE_FILES}
    assert set(BASIS) <= set(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=[check.RULE.id for check in CHECKS])
def test_a_rule_file_says_what_it_is_and_what_it_stands_on(check: ModuleType) -> None:
    folder, name = check.__name__.split(".")[-2:]

    assert check.RULE.id == f"{folder}.{name}"
    assert len((check.__doc__ or "").strip()) > 40
    for cited in check.RULE.cites:
        suffix = cited.removeprefix("*")
        found = [entry for entry in BOOK.rules if entry.endswith(suffix)]
        assert found, f"{check.RULE.id} cites {cited}"


def test_every_finding_a_rule_may_make_has_its_words() -> None:
    """The keys are read from the sources: a word that is missing would be an error at night."""
    for path in RULE_FILES:
        source = path.read_text(encoding="utf-8")
        for group in {key.partition(".")[0] for key in BOOK.says}:
            for word in source.split(f'"{group}.')[1:]:
                key = f"{group}.{word.partition(chr(34))[0]}"
                assert key in BOOK.says, f"{path.name}: {key}"


def test_every_sentence_is_plain_and_names_nobody() -> None:
    for key, (_, says, _) in BOOK.says.items():
        assert says.endswith("."), key
        assert len(says) <= 140, key
        assert "consent" not in says.lower(), key


def test_every_entry_has_its_source_and_where_it_is_contested_its_default() -> None:
    for entry in BOOK.rules.values():
        assert entry.title
        assert entry.citation
        assert entry.basis in {"law", "conservative_default", "industry", "house"}


def test_the_same_bytes_have_the_same_digest_and_others_another() -> None:
    assert read_rulebook(BYTES).digest == BOOK.digest
    assert load_rulebook() is load_rulebook()
    later = BYTES["law"].replace(b"max_s = 300", b"max_s = 301")
    assert read_rulebook(BYTES | {"law": later}).digest != BOOK.digest
    spaced = BYTES["law"] + b"\n# a remark changes no rule\n"
    assert read_rulebook(BYTES | {"law": spaced}).digest == BOOK.digest


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_is_refused(name: str) -> None:
    with pytest.raises(OddRulebook, match=name):
        read_rulebook(BYTES | {name: b""})


@pytest.mark.parametrize(
    "name,old,new",
    [
        ("hours", b'weekday = ["08:00", "20:00"]', b'weekday = ["20:00", "08:00"]'),
        ("hours", b"[states.WY]", b"[states.ZZ]"),
        ("rules", b"[rules.FED-QH-1]", b"[rules.FED-QH-9]"),
        ("rules", b"[rules.FL-FREQ]", b"[rules.FL-OFTEN]"),
        ("rules", b'basis = "law"', b'basis = ""'),
        ("holidays", b"[lists.", b"[others."),
        ("says", b"[stop.all]", b"[stop.all"),
    ],
)
def test_an_odd_file_is_refused(name: str, old: bytes, new: bytes) -> None:
    assert old in BYTES[name]

    with pytest.raises(OddRulebook):
        read_rulebook(BYTES | {name: BYTES[name].replace(old, new)})


def test_a_decision_names_the_rulebook_it_was_made_under() -> None:
    stricter = read_rulebook(
        BYTES | {"hours": BYTES["hours"].replace(b'["08:00", "21:00"]', b'["08:00", "11:00"]')}
    )
    noon = facts("GA")

    assert decide(noon, BOOK).verdict.value == "allow"
    assert decide(noon, stricter).verdict.value == "hold"
    assert decide(noon, stricter).rulebook == stricter.digest


def test_no_state_is_named_in_code() -> None:
    """What differs by state is data."""
    codes = {f'"{code}"' for code in BOOK.states}
    for path in [*RULE_FILES, *Path(str(rules_package.__file__)).parent.glob("*.py")]:
        source = path.read_text(encoding="utf-8")
        assert not [code for code in codes if code in source], path.name
