"""What is not the person's own never counts, and sentences are heard as well as they were."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.consent.hearing import hear

SENTENCES = [
    line.split("\t")
    for line in Path(__file__)
    .with_name("sentences.tsv")
    .read_text(encoding="utf-8")
    .splitlines()[1:]
]
FOOTERS = [
    "Reply STOP to opt out",
    "Reply STOP to opt out.",
    "Text STOP to end",
    "Txt STOP to unsubscribe",
    "Reply STOP to stop texts",
    "Reply STOP to cancel, HELP for help",
    "Responda STOP para cancelar",
    "Répondez ARRET pour vous désabonner",
    "Reply STOP at any time to opt out",
]
OURS = "Maple Motors: your Civic is ready, we close at 6. Reply STOP to opt out."


# -- not their own words ----------------------------------------------------------------------


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "Liked “{}”",
        'Loved "{}"',
        "Laughed at “Your car is ready. {}”",
        "Emphasized “{}”",
        "Removed a like from “{}”",
        "Removed a heart from “{}”",
        "Reacted 😂 to “{}”",
        "👍 to “{}”",
        "\u200a👍\u200b to “\u200a{}\u200a”",
        "❤️ to “ {} ”",
        "Le gustó “{}”",
        "Le encantó “{}”",
        "A aimé « {} »",
        "A adoré “{}”",
        "> {}\nYes I'll be there",
        "Fwd: {}\nis this still good?",
        "“{}” - is that all the time?",
        "Your tires are in! {}",
        "you wrote {} but I like your texts",
    ],
)
def test_our_own_footer_coming_back_is_no_stop(footer: str, around: str) -> None:
    assert hear(around.format(footer)).decision == "none"


@pytest.mark.parametrize(
    "reaction", ["Liked “{}”", "Disliked “{}”", "👍 to “{}”", "Le gustó “{}”", "A aimé « {} »"]
)
def test_what_they_add_below_a_reaction_is_their_own(reaction: str) -> None:
    assert hear(reaction.format(OURS) + "\nSTOP").decision == "block"
    assert hear(reaction.format(OURS) + "\nok thanks").decision == "none"


@pytest.mark.parametrize("thing", ["an image", "a photo", "a movie", "an attachment"])
def test_a_liked_picture_asks_for_nothing(thing: str) -> None:
    assert hear(f"Loved {thing}").decision == "none"


def test_a_reaction_to_a_bare_stop_makes_a_person_look() -> None:
    assert hear("Emphasized “STOP”").decision == "hold"
    assert hear("👍 to “Stop”").decision == "hold"


def test_what_we_wrote_lately_is_not_theirs_when_it_comes_back() -> None:
    echoed = "You can stop these messages whenever you like."

    assert hear(echoed + " Is that true?", ours=[echoed]).decision == "none"
    assert hear(OURS, ours=[OURS]).decision == "none"
    assert hear(OURS + "\nstop", ours=[OURS]).decision == "block"


def test_a_short_stop_is_theirs_even_when_we_wrote_the_same_words() -> None:
    for text in ("STOP", "stop to opt out", "reply stop", "text stop", "opt out"):
        assert hear(text, ours=[OURS]).decision == "block"


@pytest.mark.parametrize("text", ['"STOP"', "“stop”", '"UNSUBSCRIBE" thx', "'stop'", "«STOP»"])
def test_a_message_that_is_one_quoted_word_is_theirs(text: str) -> None:
    assert hear(text).decision == "block"


def test_a_signature_says_nothing() -> None:
    assert hear("ok thanks\nSent from my iPhone").decision == "none"
    assert hear("STOP\n\nSent from my iPhone").decision == "block"


@given(st.sampled_from(FOOTERS), st.sampled_from(["Liked “{}”", "👍 to “{}”", "Loved “{}”"]))
def test_reactions_never_block_whoever_we_are(footer: str, reaction: str) -> None:
    for out in (False, True):
        assert hear(reaction.format(footer), out=out).decision == "none"


# -- named specimens on both sides ------------------------------------------------------------


@pytest.mark.parametrize(
    "text, decision",
    [
        ("leave me alone", "block"),
        ("leave me alone with that price for a minute lol", "none"),
        ("leave it alone for now", "none"),
        ("remove me", "block"),
        ("remove the dent", "none"),
        ("take me off your list", "block"),
        ("take me off the waitlist", "none"),
        ("please don't take my name off the waitlist", "none"),
        ("stop texting me", "block"),
        ("your competitor won't stop texting me", "none"),
        ("don't text me", "block"),
        ("don't text and drive", "none"),
        ("no more texts", "block"),
        ("no more surprises on the bill", "none"),
        ("no more ads please", "partial"),
        ("stop texting me about the Tahoe", "partial"),
        ("stop texting me before 9", "partial"),
        ("stop texting my wife", "partial"),
        ("stop sending me ads and everything else", "block"),
        ("cancel", "block"),
        ("cancel my appointment", "none"),
        ("cancel my appointment and take me off your list", "block"),
        ("cancel it", "hold"),
        ("end", "block"),
        ("end of the month works", "none"),
        ("wrong number", "wrong_number"),
        ("wrong part number", "none"),
        ("wrong number, please stop texting", "wrong_number"),
        ("This isn't Mike", "wrong_number"),
        ("This isn't Monday", "none"),
        ("not Mike", "wrong_number"),
        ("Not today", "none"),
        ("I stopped by mistake, put me back on", "hold"),
        ("I'll stop by at 5", "none"),
        ("who is this?", "help"),
        ("who do I ask for when I get there", "none"),
        ("no me escriban más", "block"),
        ("no me llamen ahorita, mándeme texto", "none"),
        ("ne m'écrivez plus", "block"),
        ("n'annulez pas mon rendez-vous", "none"),
        ("pas de publicité svp", "partial"),
        ("solo avisos de servicio, no promociones", "partial"),
        ("", "none"),
        ("   \n ", "none"),
        ("?", "none"),
        ("👍", "none"),
    ],
)
def test_specimens(text: str, decision: str) -> None:
    assert hear(text).decision == decision


def test_the_answer_names_its_layer_and_reason() -> None:
    keyword, phrase = hear("STOP please"), hear("please quit texting me about trade-ins every day")

    assert (keyword.layer, keyword.score, keyword.because) == ("keyword", 1.0, "stop")
    assert phrase.layer == "phrase"
    assert phrase.because


# -- the whole of the labelled sentences ------------------------------------------------------


def test_the_labelled_sentences_are_heard_as_well_as_they_were() -> None:
    """Floors, not goals: these rows shaped the patterns, so the figures flatter."""
    heard: Counter[tuple[str, str]] = Counter()
    for text, label, *_ in SENTENCES:
        heard[label, hear(text.replace("\\n", "\n")).decision] += 1
    rows = Counter({label: 0 for label, _ in heard})
    for (label, _), count in heard.items():
        rows[label] += count

    def share(label: str, *decisions: str) -> float:
        return sum(heard[label, decision] for decision in decisions) / rows[label]

    acted = ("block", "wrong_number", "partial", "hold")
    blocked = sum(heard[label, how] for label in rows for how in ("block", "wrong_number"))
    harmed = sum(
        heard[label, how]
        for label in ("none", "help", "reopt_in")
        for how in ("block", "wrong_number")
    )
    assert share("revoke", *acted) >= 0.995
    assert share("revoke", "block", "wrong_number") >= 0.97
    assert share("wrong_number", *acted) >= 0.975
    assert harmed / blocked <= 0.005
    assert share("revoke_partial", "block", "wrong_number") <= 0.02
    assert share("revoke_partial", "none") <= 0.02
    assert share("none", "hold", "partial") <= 0.04
    assert {label for label, decision in heard if decision == "start"} == {"reopt_in"}


def test_every_keyword_row_of_the_labelled_sentences() -> None:
    means = {"revoke": "block", "wrong_number": "wrong_number", "reopt_in": "start", "help": "help"}
    slips_of_start = {"Strat", "STRAT texts"}  # near is not exact: a person answers these
    for text, label, _, _, note in SENTENCES:
        if note == "kw_surface" and text not in slips_of_start:
            assert hear(text.replace("\\n", "\n")).decision == means[label], text


# -- speed ------------------------------------------------------------------------------------


def test_a_keyword_is_heard_in_less_than_a_tenth_of_a_millisecond() -> None:
    for text in ("STOP", "Stop. Thank you.", "ＳＴＯＰ 🛑", "s t o p", "Por favor ALTO"):
        hear(text)
        assert min(repeat(partial(hear, text), number=50, repeat=7)) / 50 < 1e-4


@pytest.mark.parametrize(
    "text",
    [
        "no " * 700,
        "a b " * 500,
        "please " * 300,
        '"' * 2000,
        'Liked "' * 300,
        "not texting me (" * 150,
        "x" * 9000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    hear(text)

    assert min(repeat(partial(hear, text), number=1, repeat=3)) < 0.2
