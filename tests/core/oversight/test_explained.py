"""The rulebook's pages say what the gate does: each rule has its kind, its group and its cases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lotline.core.gate.decision import Verdict
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import CHECKS
from lotline.core.oversight.explained import (
    answers,
    examples,
    family_beside,
    family_of,
    holidays_of,
    kind_of,
    plain,
    rules_for,
    sentence_of,
    values_of,
)
from lotline.core.oversight.invented import Odd, facts_of
from tests.rules.specimens import BOOK, NOON, facts

TODAY = date(2026, 11, 22)


def test_every_kind_of_rule_has_plain_words_and_both_sides_of_its_boundary() -> None:
    """A case that it does not touch, or that it permits, and one that it stops or holds."""
    assert set(plain()["kinds"]) == {check.RULE.id for check in CHECKS}
    assert set(plain()["names"]) == set(plain()["kinds"])
    shown = {kind: set[Verdict]() for kind in plain()["kinds"]}
    for rule in BOOK.rules:
        for one in examples(BOOK, rule, TODAY):
            shown[kind_of(rule)].add(one.decision.verdict)
    assert [kind for kind, verdicts in shown.items() if len(verdicts) < 2] == []


def test_every_rule_has_a_kind_a_group_and_a_basis_with_a_name() -> None:
    for entry in BOOK.rules.values():
        assert kind_of(entry.id), entry.id
        assert entry.group in plain()["groups"], entry.id
        assert entry.basis in plain()["basis"], entry.id


def test_a_states_own_cases_show_its_own_rule_at_work() -> None:
    for code in ("AL", "FL", "LA", "PA", "RI", "TX", "UT", "WA"):
        for rule in (f"{code}-HOURS", f"{code}-SUNDAY", f"{code}-HOLIDAY", f"{code}-FREQ"):
            if rule in BOOK.rules:
                bound = {one.decision.binding.rule for one in examples(BOOK, rule, TODAY)}
                assert rule in bound, (rule, bound)


@pytest.mark.parametrize("days", range(0, 400, 13))
def test_the_cases_stay_what_they_say_on_any_day(days: int) -> None:
    today = TODAY + timedelta(days=days)
    verdicts = [one.decision.verdict.value for one in examples(BOOK, "PA-SUNDAY", today)]
    assert verdicts == ["allow", "hold", "hold", "hold", "hold", "allow"]


def test_the_answers_are_those_that_the_decision_was_made_from() -> None:
    for state, clock in (("OH", "12:00:00"), ("PA", "20:00:00"), ("FL", "23:00:00")):
        told = facts(state, clock)
        spoken = [answer.finding for answer in answers(told, BOOK) if answer.finding is not None]
        assert sorted(spoken, key=repr) == sorted(decide(told, BOOK).findings, key=repr)


def test_a_state_filter_keeps_everybodys_rules_and_that_states() -> None:
    kept = {entry.id for entry in rules_for(BOOK, "PA")}
    assert {"PA-HOURS", "FED-QH-1", "CARR-SHAFT", "HOUSE-LINE"} <= kept
    assert not {"FL-HOURS", "TX-EBR"} & kept


def test_values_stand_beside_each_other_as_the_rulebook_has_them() -> None:
    hours = values_of(BOOK, "HOURS", TODAY)
    assert hours is not None
    rows = dict(hours.rows)
    assert set(rows) == set(BOOK.states)
    assert rows["PA"][1:4] == ("9:00 AM to 7:00 PM", "9:00 AM to 7:00 PM", "none")
    before = values_of(BOOK, "HOURS", date(2026, 10, 17))
    assert before is not None
    assert dict(before.rows)["PA"][1:4] == ("8:00 AM to 9:00 PM",) * 3
    for family in plain()["families"]:
        table = values_of(BOOK, family, TODAY)
        assert table is not None
        assert {len(cells) for _, cells in table.rows} == {len(table.headings)}, family
    assert family_of("FL-FREQ") == ("FL", "FREQ")
    assert family_beside("FED-QH-1") == "HOURS"
    assert sentence_of(BOOK, "TX-HOURS", TODAY).startswith("Texas: offers 9:00 AM to 9:00 PM")
    assert (date(2026, 11, 26), "Thanksgiving Day") in holidays_of(BOOK, "PA", TODAY)


@pytest.mark.parametrize(
    "given",
    [
        {"zip": "1234"},
        {"area": "12"},
        {"wrote": "soon"},
        {"bought": "spring"},
        {"by": "pigeon"},
        {"purpose": "spam"},
        {"yes": "perhaps"},
        {"stop": "some"},
        {"wrote": "2026-11-22T10:00:00"},
    ],
)
def test_a_word_that_makes_no_sense_is_refused_and_named(given: dict[str, str]) -> None:
    with pytest.raises(Odd):
        facts_of(given, NOON)
