"""Carriers' forbidden classes: what is one, and what only sounds like it in a car lot."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.messaging.content import classes_in


@pytest.mark.parametrize(
    "body, named",
    [
        ("Bring your new handgun along, we raffle ammo on Saturday.", "firearms"),
        ("Buy a truck, win a rifle! Big gun raffle Friday.", "firearms"),
        ("Free bottle of whiskey with every oil change", "alcohol"),
        ("Come by for free beer and brats", "alcohol"),
        ("Vape deals next door after your test drive", "tobacco"),
        ("Free cigars for dads this Sunday", "tobacco"),
        ("Our friends sell CBD gummies", "cannabis"),
        ("MARIHUANA legal, pregunte", "cannabis"),
        ("XXX prices", "sex"),
    ],
)
def test_what_carriers_refuse_is_named(body: str, named: str) -> None:
    assert named in classes_in(body)


@pytest.mark.parametrize(
    "body",
    [
        "The nail gun is in the bed of the truck.",
        "It comes in wine red or gunmetal gray.",
        "The Tahoe in champagne metallic is still here.",
        "The champagne color is $500 more.",
        "Does it have a cigarette lighter? Yes, two.",
        "No cigarette smell, it was a non-smoker's car.",
        "There is no vape smell in it.",
        "The muffler and silencer were replaced.",
        "Your weed eater is ready to pick up.",
        "The top gun of our service team is Devon.",
        "We tint the rear glass. Adult and child seats both fit.",
        "The escort is an old Ford, we don't have one.",
        "Beer Street, second light on the left.",
        "The ammo box in the trunk was yours.",
        "Yes, the 2:30 is booked. See you then!",
    ],
)
def test_what_only_sounds_like_it_is_not(body: str) -> None:
    assert classes_in(body) == ()


@given(st.text(max_size=1600))
def test_any_text_is_answered_at_once(body: str) -> None:
    began = time.process_time()
    classes_in(body)
    assert time.process_time() - began < 0.2
