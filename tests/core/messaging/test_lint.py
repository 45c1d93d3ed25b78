"""Saved texts that go wrong, and their neighbours that do not."""

from __future__ import annotations

import pytest

from lotline.core.messaging.lint import lint

_US = "{me.first} here: "


@pytest.mark.parametrize(
    "body, kind",
    [
        ("Reply CANCEL to reschedule.", "reserved"),
        ("Text STOP if the time is wrong.", "reserved"),
        ("Still interested? Reply YES or NO.", "bare_yes"),
        ("See it: https://bit.ly/3xYz", "shortener"),
        ("Free beer at the tent sale.", "banned"),
        ("Call me on my cell any time.", "personal"),
        ("Or call 614-555-0147.", "personal"),
        ("Your {vehicle} is ready.", "unfilled"),
        ("Hi [name], it is ready.", "unfilled"),
        (
            "Your order is ready at the desk, thank you for the patience you had with all of us"
            * 5,
            "segments",
        ),
        (
            "Your car is ready 🚗, come to the desk by six tonight and ask for the keys please",
            "segments",
        ),
    ],
)
def test_a_flaw_is_named(body: str, kind: str) -> None:
    assert kind in {flaw.kind for flaw in lint(_US + body)}


@pytest.mark.parametrize(
    "body",
    [
        "{me.first} at {store.name}: your car is ready. Reply C to confirm.",
        "Hi {customer.first}, {me.first} here. See you at 9.",
        "{company.name}: you are booked. Reply STOP to opt out.",
        "{me.first}: the gunmetal grey one is here, the winery tour bus leaves at 4.",
    ],
)
def test_a_clean_one_is_left_alone(body: str) -> None:
    assert lint(body) == ()


def test_somebody_must_say_who_writes() -> None:
    assert [flaw.kind for flaw in lint("Your car is ready.")] == ["nameless"]
    assert lint("Elm Street Motors: your car is ready.", names=("Elm Street Motors",)) == ()
