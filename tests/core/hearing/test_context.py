"""What we sent last settles a doubt or lets an exact word mean what it says, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.actions.hearing import Before, hear_arrival
from lotline.core.carriers.port import Arrival, CarrierStop
from lotline.core.consent.hearing.context import (
    asks_to_return,
    is_about_appointment,
    means_the_appointment,
)
from lotline.core.consent.hearing.deciding_words import deciding_words
from lotline.core.consent.hearing.hear import hear
from tests.rules.specimens import wall

AT = wall("2026-11-24", "12:00:00")
REMINDER = "Reminder: your appointment is Friday at 2."
BACK = "Reply YES to get texts from us again."


def heard(body: str, before: Before = Before(), stop: CarrierStop | None = None) -> str:  # noqa: B008  # frozen
    arrival = Arrival("twilio", "AC1", "SM1", "+16145550160", "+16145550101", body, AT)
    if stop is not None:
        arrival = replace(arrival, carrier_stop=stop)
    return hear_arrival(arrival, before).decision


@pytest.mark.parametrize(
    "ours,asks",
    [
        ([BACK], True),
        (["Responda SI para volver a recibir mensajes."], True),
        (["Reply YES to confirm your appointment."], False),
        (["Would you like texts again?"], False),  # no word was asked for
        (["See you at 3.", BACK], False),  # asked, but not last
        ([], False),
    ],
)
def test_only_our_last_question_asks_them_back(ours: list[str], *, asks: bool) -> None:
    assert asks_to_return(ours) is asks


@pytest.mark.parametrize(
    "body,ours,of_it",
    [
        ("cancel it", [REMINDER], True),
        ("Cancel it!", [REMINDER], True),
        ("cancel it", ["The Bronco just came in."], False),
        ("cancel it", [], False),
        ("cancel these texts", [REMINDER], False),
        ("STOP", [REMINDER], False),
    ],
)
def test_it_is_the_appointment_only_after_one(body: str, ours: list[str], *, of_it: bool) -> None:
    assert means_the_appointment(body, ours) is of_it
    assert is_about_appointment([REMINDER])


@pytest.mark.parametrize(
    "body,before,decision",
    [
        ("cancel it", Before(ours=(REMINDER,)), "none"),
        ("cancel it", Before(), "hold"),
        ("STOP", Before(ours=(REMINDER,)), "block"),
        ("yes", Before(ours=(BACK,), out=True), "start"),
        ("yes", Before(ours=(REMINDER,), out=True), "none"),
        ("enough", Before(doubted=True), "block"),
        ("enough", Before(), "hold"),
        ("your list", Before(theirs=("can you please", "take me off")), "block"),
        ("your list", Before(), "none"),
        (
            "START",
            Before(theirs=("take me",)),
            "start",
        ),  # an exact word is itself, whatever preceded
    ],
)
def test_what_stood_between_us(body: str, before: Before, decision: str) -> None:
    assert heard(body, before) == decision


@given(
    st.sampled_from(["STOP", "unsubscribe", "lose my number", "stop texting me"]),
    st.lists(st.sampled_from([REMINDER, BACK, "The Bronco just came in.", ""]), max_size=3),
    st.lists(st.sampled_from(["ok", "hey", "yes", "can you please"]), max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_no_context_softens_a_stop(
    body: str, ours: list[str], theirs: list[str], out: bool, doubted: bool
) -> None:
    before = Before(tuple(ours), tuple(theirs), out=out, doubted=doubted)

    assert heard(body, before) == "block"


def test_what_the_carrier_took_for_a_stop_is_one() -> None:
    assert heard("see you at 3", stop=CarrierStop.STOP) == "block"


@pytest.mark.parametrize(
    "text,words",
    [
        ("Hey Ben, lose my number please. Have a good day", "lose my number"),
        ("bruh. stop", "stop"),
        ("I bought one already so take me off your list thanks", "take me off"),
        ("Ya no me manden mensajes por favor, gracias", "Ya no me manden mensajes"),
        ("STOP", "STOP"),
        (
            "Thanks, Ben. I would prefer it if this were the final time I ever got one of these",
            "I would prefer it if this were the final time I ever got one of these",
        ),
    ],
)
def test_the_words_that_decided_are_the_customers_own(text: str, words: str) -> None:
    said = hear(text)

    assert deciding_words(text, layer=said.layer, because=said.because) == words


@given(st.text(max_size=120), st.sampled_from(["keyword", "clause", "phrase", "score", "carrier"]))
def test_what_is_quoted_stands_in_the_text(text: str, layer: str) -> None:
    assert deciding_words(text, layer=layer, because="stop") in text
