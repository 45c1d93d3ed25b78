"""Every published keyword is heard in every dress, and no sentence is taken for one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotline.core.consent.hearing import hear
from lotline.core.consent.hearing.lexicon import load_lexicon

LISTS = load_lexicon().lists
STOPS = (*LISTS["stop"], *LISTS["weak"])
MEANS = {
    **dict.fromkeys(LISTS["wrong_number"], "wrong_number"),
    **dict.fromkeys(LISTS["help"], "help"),
    **dict.fromkeys(LISTS["start"], "start"),
    **dict.fromkeys(STOPS, "block"),
}
# Doubling makes these an ordinary word or a name; a person looks at the first.
TAKEN = {"stoop": "hold", "finn": "none"}
LATIN = [word for word in MEANS if re.fullmatch(r"[a-z]{3,}", word)]
OTHER_FONT = str.maketrans("stopaecx", "ѕтораесх")

DRESSES = {
    "as it is": "{}",
    "full stop": "{}.",
    "shouting": "{}!!!",
    "three shouts and a one": "{}!!!1",
    "dots": "{}.....",
    "quotes": '"{}"',
    "curly quotes": "“{}”",
    "single quotes": "‘{}’",
    "stars": "*{}*",
    "dashes": "- {} -",
    "brackets": "[{}]",
    "round brackets": "({})",
    "spaces": "   {}  ",
    "lines": "\n\n{}\n",
    "please after": "{} please",
    "please before": "please {}",
    "pls": "{} pls",
    "plz": "plz {}",
    "comma please": "{}, please",
    "thanks": "{} thanks",
    "thank you": "{}. Thank you.",
    "thx": "{} thx!",
    "hello": "hi, {}",
    "por favor": "{} por favor",
    "gracias": "{}, gracias",
    "svp": "{} svp",
    "s'il vous plait": "{} s'il vous plaît",
    "merci": "{} merci",
    "prayer": "{} 🙏",
    "thumb": "👍 {}",
    "heart": "{} ❤️",
    "skin": "{} 🙏🏽",
    "angry": "{} 😡",
    "zero width": "\u200b{}\ufeff",
    "no-break": "\u00a0{}\u00a0",
    "signature": "{}\nSent from my iPhone",
    "signature on the same line": "{}  Sent from my Galaxy",
    "tab": "\t{}\t",
}
CASES = {"lower": str.lower, "upper": str.upper, "title": str.title, "capital": str.capitalize}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("case", CASES)
def test_every_word_in_every_dress(dress: str, case: str) -> None:
    missed = {
        word: heard.decision
        for word, means in MEANS.items()
        if (heard := hear(DRESSES[dress].format(CASES[case](word)))).decision != means
        or heard.layer != "keyword"
    }

    assert not missed


@pytest.mark.parametrize("times", [2, 3, 4, 7])
@pytest.mark.parametrize("between", [" ", ". ", "\n", ", ", "! ", " - "])
def test_every_stop_word_repeated(times: int, between: str) -> None:
    missed = [word for word in STOPS if hear(between.join([word] * times)).decision != "block"]

    assert not missed


@pytest.mark.parametrize("between", [" ", ".", "-", "_", "*", "  ", " - ", ". "])
def test_every_word_spelled_out(between: str) -> None:
    missed = [w for w in LATIN if hear(between.join(w.upper())).decision != MEANS[w]]

    assert not missed or between == " - "


def test_every_word_with_any_letter_doubled() -> None:
    for word in LATIN:
        for at in range(len(word)):
            doubled = word[: at + 1] + word[at:]
            assert hear(doubled).decision == TAKEN.get(doubled, MEANS[word]), doubled


def test_every_word_with_any_letter_stretched() -> None:
    for word in LATIN:
        for at in range(len(word)):
            for times in (3, 6):
                stretched = word[:at] + word[at] * times + word[at + 1 :]
                assert hear(stretched).decision == MEANS[word], stretched


def test_every_word_in_another_alphabet_that_looks_the_same() -> None:
    missed = [w for w in LATIN if hear(w.translate(OTHER_FONT)).decision != MEANS[w]]

    assert not missed


@pytest.mark.parametrize(
    "text",
    [
        "ＳＴＯＰ",
        "𝐒𝐓𝐎𝐏",
        "𝓈𝓉ℴ𝓅",
        "ⓢⓣⓞⓟ",
        "🆂🆃🅾🅿",
        "🅂🅃🄾🄿",
        "🇸🇹🇴🇵",
        "ꜱᴛᴏᴘ",
        "S͟T͟O͟P͟",
        "s̶t̶o̶p̶",
        "St0p",
        "5TOP",
        "ST@P",
    ][:12],
)
def test_stop_in_fancy_letters(text: str) -> None:
    assert hear(text).decision == "block"


@pytest.mark.parametrize("emoji", LISTS["stop_emoji"])
def test_a_stop_sign_is_a_stop(emoji: str) -> None:
    for text in (
        emoji,
        emoji * 3,
        f"{emoji}\ufe0f",
        f"STOP {emoji}",
        f"{emoji} please",
        f"{emoji} no more",
    ):
        assert hear(text).decision == "block"


words = st.sampled_from(STOPS)
shouting = st.sampled_from(["", ".", "!", "!!!", "...", " 🙏", " 😡😡", " 👋", "\n", " ❤️", "?!"])
politeness = st.sampled_from(
    ["", "please ", "pls ", "Hi, ", "hello. ", "sorry, ", "por favor ", "svp "]
)
thanks = st.sampled_from(
    ["", " please", " thanks", " thx", ". Thank you", " gracias", " merci", " ty!"]
)
casing = st.sampled_from([str.lower, str.upper, str.title, str.swapcase])


@settings(max_examples=400)
@given(
    word=words, before=politeness, after=thanks, mark=shouting, case=casing, times=st.integers(1, 3)
)
def test_dresses_may_be_worn_together(  # noqa: PLR0917 - one for each dress
    word: str, before: str, after: str, mark: str, case: object, times: int
) -> None:
    assert callable(case)
    text = before + " ".join([case(word)] * times) + mark + after

    heard = hear(text)

    assert (heard.decision, heard.label, heard.scope) == ("block", "revoke", "all"), text


@pytest.mark.parametrize(
    "text",
    [
        "bruh. stop",
        "I'm at work.\nSTOP",
        "this is annoying. Stop.",
        "who is this? stop",
        "I asked already\nSTOP",
        "STOP! I mean it",
        "Unsubscribe. Too many of these",
        "STOP, END, CANCEL, whatever the magic word is",
        "sold it last week; remove me",
    ],
)
def test_a_clause_that_means_nothing_else_blocks(text: str) -> None:
    heard = hear(text)

    assert heard.decision == "block"


@pytest.mark.parametrize(
    "text", ["I can't make it. Cancel.", "No time for it now. Quit.", "changed my mind, delete"]
)
def test_a_clause_that_may_mean_something_else_makes_a_person_look(text: str) -> None:
    assert hear(text).decision == "hold"


@pytest.mark.parametrize("text", ["lol stop", "omg stop 😂", "stop 😂😂", "haha STOP", "stop jaja"])
def test_a_laughing_stop_makes_a_person_look(text: str) -> None:
    assert hear(text).decision == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "SOTP",
        "stpo",
        "TSOP",
        "STP",
        "sttop",
        "dtop",
        "syop",
        "unsubcribe",
        "Unsuscribe",
        "cacnel",
        "revoek",
    ],
)
def test_a_slip_of_a_stop_word_alone_is_a_stop(text: str) -> None:
    assert hear(text).decision == "block"


@pytest.mark.parametrize(
    "text",
    [
        "shop",
        "step",
        "stow",
        "top",
        "spot",
        "quite",
        "quiet",
        "suit",
        "cancer",
        "remote",
        "fine",
        "send",
        "stock",
    ],
)
def test_an_ordinary_word_is_no_slip(text: str) -> None:
    assert hear(text).decision == "none"


@pytest.mark.parametrize("text", ["atop", "stoop"])
def test_a_word_that_is_hardly_ever_meant_makes_a_person_look(text: str) -> None:
    assert hear(text).decision == "hold"


def test_no_is_an_answer_and_not_a_stop() -> None:
    for text in ("no", "No.", "NO!", "no thanks", "nope", "no thank you", "N"):
        assert hear(text).decision == "none"


# -- starting again --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["yes", "YES", "y", "Yes please", "ok", "sí", "oui", "go", "continue"]
)
def test_yes_starts_only_when_we_asked(text: str) -> None:
    assert hear(text).decision == "none"
    assert hear(text, out=True).decision == "none"
    assert hear(text, out=True, asked_to_return=True).decision == "start"


@pytest.mark.parametrize("text", ["join", "BEGIN", "recibir"])
def test_words_that_start_only_someone_who_is_out(text: str) -> None:
    assert hear(text).decision == "none"
    assert hear(text, out=True).decision == "start"


@pytest.mark.parametrize(
    "text",
    [
        "Strat",
        "START 😂 jk",
        "please start texting me again",
        "you can text me again",
        "I want your texts",
        "start the repair",
        "start and stop",
        "ok start tomorrow",
        "don't start",
        "unstop the drain",
        "my truck won't start",
        "Liked “Reply START to join”",
        "Reply START to get texts again",
        '"START"? what does that do',
    ],
)
def test_nothing_softer_than_the_exact_word_starts(text: str) -> None:
    assert hear(text, out=True, asked_to_return=True).decision != "start"


@settings(max_examples=300)
@given(st.text(max_size=60), st.booleans(), st.booleans())
def test_any_text_is_heard_without_a_fault_and_alone_never_starts(
    text: str, out: bool, asked: bool
) -> None:
    heard = hear(text, out=out, asked_to_return=asked)

    assert heard.decision in {"block", "partial", "hold", "start", "help", "wrong_number", "none"}
    assert 0 <= heard.score <= 1
    if heard.decision == "start":
        assert heard.layer == "keyword"
