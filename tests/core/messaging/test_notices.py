"""What we add and what we send ourselves: our name, the way to stop, and nothing to buy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lotline.core.gate.rulebook import load_rulebook
from lotline.core.messaging.footer import LANGUAGES, Added, added_to
from lotline.core.messaging.notices import Notice, notice
from lotline.core.messaging.purpose import Purpose, guess_purpose
from lotline.core.messaging.segments import count

WORDING = load_rulebook().notices
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COMPANY = "Riverbend Auto"


def said(which: Notice, language: str = "en", **more: str) -> str:
    address = {"phone": "(614) 555-0100", "email": "help@riverbend.example"} | more
    return notice(which, wording=WORDING, company=COMPANY, language=language, **address)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", list(Notice))
def test_a_notice_names_the_company_and_sells_nothing(which: Notice, language: str) -> None:
    words = said(which, language)

    assert COMPANY in words
    assert "{" not in words
    assert guess_purpose(words, last_in="STOP", minutes_since=0).purpose is not Purpose.OFFER
    assert count(words).encoding == "gsm7"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_each_must_say(language: str) -> None:
    assert "START" in said(Notice.STOP, language)
    for needed in ("HELP", "STOP"):
        assert needed in said(Notice.START, language)
    assert "(614) 555-0100" in said(Notice.HELP, language)
    assert "STOP" in said(Notice.HELP, language)


def test_a_stop_is_confirmed_in_one_text() -> None:
    assert all(count(said(Notice.STOP, language)).count == 1 for language in LANGUAGES)


def test_an_unknown_language_is_answered_in_english() -> None:
    assert said(Notice.STOP, "tlh") == said(Notice.STOP)


def test_help_names_what_there_is() -> None:
    assert " or write to" not in said(Notice.HELP, email="")
    assert "help@riverbend.example" in said(Notice.HELP, phone="")
    with pytest.raises(AssertionError):
        said(Notice.HELP, phone="", email="")


def test_a_notice_knows_what_it_is_for() -> None:
    assert Notice.STOP_OFFERS.purpose is Purpose.STOP_CONFIRMATION
    assert Notice.START.purpose is Purpose.START_CONFIRMATION
    assert Notice.HELP.purpose is Purpose.HELP


def added(body: str, last: datetime | None = None, **more: object) -> Added:
    plain = {"company": COMPANY, "wording": WORDING, "last_out_at": last, "at": NOW}
    return added_to(body, **(plain | more))  # type: ignore[arg-type]  # keywords as a test likes them


def test_the_first_text_says_who_we_are_and_how_to_stop() -> None:
    first = added("Your car is ready")

    assert first.around("Your car is ready") == (
        "Riverbend Auto: Your car is ready\nReply STOP to opt out"
    )


@pytest.mark.parametrize(
    "silence,adds",
    [
        (timedelta(days=1), False),
        (timedelta(days=90), False),
        (timedelta(days=90, seconds=1), True),
    ],
)
def test_it_is_said_again_after_a_long_silence(silence: timedelta, adds: bool) -> None:
    assert bool(added("Hello", NOW - silence)) is adds


@pytest.mark.parametrize(
    "body,before,after",
    [
        ("Hi, it's Sam at riverbend auto", False, True),
        ("Hello. Reply STOP to end", True, False),
        ("Text STOP to opt out. Riverbend Auto", False, False),
        ("Please stop by on Saturday", True, True),
        ("Responda con STOP para terminar", True, False),
    ],
)
def test_what_the_author_said_is_not_said_twice(body: str, before: bool, after: bool) -> None:
    words = added(body)

    assert (bool(words.before), bool(words.after)) == (before, after)


def test_a_list_keeps_its_stop_line() -> None:
    words = added("Hello", NOW, always_stop=True)

    assert (words.before, words.after) == ("", "\nReply STOP to opt out")
