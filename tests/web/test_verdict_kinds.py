"""The strip over the box has a reason, a rule and a way out for each kind of rule there is."""

from __future__ import annotations

import re
from datetime import date

import pytest

from lotline.core.gate.decision import Verdict
from lotline.core.gate.rulebook import CHECKS
from lotline.core.oversight.explained import Example, examples, kind_of
from lotline.web.clock import Clock
from lotline.web.says import words_for
from lotline.web.verdict import Asked, Strip, show_decision, show_gone
from tests.rules.specimens import BOOK

TODAY = date(2026, 11, 22)
# What holds whatever anybody does: no button could help, so none is promised.
NO_WAY_OUT = {
    "carrier.content",
    "carrier.reachable",
    "law.confirmation",
    "house.member_entitled",
    "house.screened",  # the sentence says what to take out, or that a manager reads it
}


def stopped() -> list[tuple[str, Example]]:
    found: dict[tuple[str, str], Example] = {}
    for rule in BOOK.rules:
        for one in examples(BOOK, rule, TODAY):
            binding = one.decision.binding
            if one.decision.verdict is not Verdict.ALLOW:
                found.setdefault((kind_of(binding.rule), binding.says), one)
    return [(kind, one) for (kind, _), one in found.items()]


STOPPED = stopped()


def shown(one: Example) -> list[Strip]:
    there = Clock(one.at, one.zone)
    words = words_for("Priya Ramnath", "(614) 555-0142", "Columbus, OH", (one.zone,))
    asked = Asked("Priya Ramnath", "offers", there, None, BOOK, words)
    gone = show_gone(one.decision, asked)
    typed = show_decision(one.decision, asked, kind="offer", reasons=("20% off",))
    return [typed] if gone is None else [typed, gone]


@pytest.mark.parametrize("kind, one", STOPPED, ids=[f"{kind} {one.says}" for kind, one in STOPPED])
def test_a_strip_says_why_by_which_rule_and_what_would_help(kind: str, one: Example) -> None:
    for strip in shown(one):
        said = f"{strip.title} {strip.why}"
        assert strip.why or strip.state == "none", strip  # there the title is the reason
        assert not re.search(r"[{}…]", said), said
        assert strip.rule in BOOK.rules
        assert strip.rule_name == BOOK.rules[strip.rule].title
        assert strip.acts or kind in NO_WAY_OUT, (kind, strip.acts)
        assert "an offer and it" not in said
        if one.decision.hold_until is not None:
            assert strip.title.startswith("Will hold until")
            assert strip.button.startswith("Hold to")
        elif strip.state == "block":
            assert not strip.go


def test_every_kind_that_can_stop_a_text_is_among_them() -> None:
    permits = {"law.help_and_start", "law.lists"}
    kinds = {check.RULE.id for check in CHECKS} - permits
    assert kinds - {kind for kind, _ in STOPPED} == set()


def test_an_hours_rule_is_named_for_hours() -> None:
    for rule in ("TZ-ZIP", "TZ-DST", "TZ-AZ", "TZ-ALL", "ST-UNION"):
        assert "hours" in BOOK.rules[rule].title.lower()
