"""The line must be approved and running, the content fit, the sender entitled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lotline.core.gate.decision import Remedy, Verdict
from lotline.core.gate.facts import LineFacts, LineKind, MemberFacts, Registration, Sender
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import LINE, ask, facts, stopped, word


@pytest.mark.parametrize(
    "kind,registration,expected",
    [
        (LineKind.LOCAL, Registration.APPROVED, "allow FED-QH-1"),
        (LineKind.LOCAL, Registration.SIMULATED, "allow FED-QH-1"),
        (LineKind.LOCAL, Registration.WAITING, "block CARR-10DLC"),
        (LineKind.LOCAL, Registration.REFUSED, "block CARR-10DLC"),
        (LineKind.LOCAL, Registration.NONE, "block CARR-10DLC"),
        (LineKind.TOLL_FREE, Registration.NONE, "block CARR-TF"),
        (LineKind.SHORT_CODE, Registration.NONE, "block CARR-SC"),
    ],
)
def test_carriers_move_what_they_approved(
    kind: LineKind, registration: Registration, expected: str
) -> None:
    assert word(facts(line=LineFacts(LINE, kind, registration))) == expected


@pytest.mark.parametrize(
    "day,verdict", [("2025-01-31", Verdict.ALLOW), ("2025-02-01", Verdict.BLOCK)]
)
def test_unregistered_long_codes_are_blocked_since_february_2025(
    day: str, verdict: Verdict
) -> None:
    line = LineFacts(LINE, LineKind.LOCAL, Registration.NONE)

    assert ask(facts(day=day, line=line)).verdict is verdict


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_paused_line_sends_only_what_is_owed(purpose: Purpose) -> None:
    paused = facts(purpose=purpose, line=LineFacts(LINE, paused=True), last_in_at=facts().at)
    confirms = replace(paused, stop_heard_at=paused.at, sender=Sender.SOFTWARE, member=None)
    ours = purpose in {Purpose.REPLY, Purpose.UPDATE, Purpose.OFFER}

    assert (word(confirms) == "block HOUSE-LINE") is ours
    assert (ask(confirms).verdict is Verdict.BLOCK) is ours


def test_refused_content_is_refused_whatever_was_agreed() -> None:
    decision = ask(facts(marks=frozenset({"shaft_firearms"})))

    assert decision.binding.rule == "CARR-SHAFT"
    assert "firearms" in decision.binding.sentence()


@pytest.mark.parametrize(
    "kind,expected",
    [
        ("mobile", "allow FED-QH-1"),
        ("voip", "allow FED-QH-1"),
        ("unknown", "allow FED-QH-1"),
        ("landline", "block CARR-REACH"),
    ],
)
def test_a_landline_is_not_texted(kind: str, expected: str) -> None:
    assert word(facts(number_kind=kind)) == expected


@pytest.mark.parametrize(
    "member,expected,remedy",
    [
        (MemberFacts(may_text=False), "block HOUSE-MEMBER", Remedy.OTHER_LINE),
        (MemberFacts(active=False), "block HOUSE-MEMBER", Remedy.ASK_OWNER),
        (MemberFacts(policy_signed=False), "block HOUSE-POLICY", Remedy.SIGN_POLICY),
        (MemberFacts(trained=False), "block HOUSE-TRAINING", Remedy.PASS_TRAINING),
        (None, "block HOUSE-MEMBER", Remedy.ASK_OWNER),
    ],
)
def test_a_member_must_be_entitled(
    member: MemberFacts | None, expected: str, remedy: Remedy
) -> None:
    given = facts(member=member)

    assert word(given) == expected
    assert ask(given).remedies[0] is remedy


def test_software_needs_no_member_but_a_named_one_must_be_entitled() -> None:
    assert word(facts(sender=Sender.SOFTWARE)) == "allow FED-QH-1"
    leaver = MemberFacts(active=False)
    assert word(facts(sender=Sender.SOFTWARE, member=leaver)) == "block HOUSE-MEMBER"


def test_the_first_block_in_the_order_of_checks_binds_and_the_rest_are_named() -> None:
    decision = ask(
        facts(
            line=LineFacts(LINE, registration=Registration.NONE),
            member=MemberFacts(policy_signed=False),
            standing=stopped(),
            clock="23:00:00",
        )
    )

    spoken = [found.rule for found in decision.findings]
    assert spoken == ["CARR-10DLC", "HOUSE-POLICY", "FED-REV-1", "FED-QH-1"]
