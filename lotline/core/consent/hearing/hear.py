"""The layers of hearing in their order, and the one decision that comes out.

    keyword   the whole message is a keyword (any dress)       final
    clause    one clause of it is                              block or hold
    phrase    a sentence that a reasonable person understands  block, partial or hold, as far as
              the scores agree
    score     learned likelihoods, for what no table decided     block, partial or hold
    none      nothing heard

A layer that finds nothing, or only doubt, leaves the word to the next. None softens a keyword; a
sentence that the scores contradict is put to a person, never dropped. Nothing but an exact keyword
opts anyone in.

Not here: the words (`words.toml`) and the sentences (`phrases.toml`), which are data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lotline.core.consent.hearing.keywords import Family, Match, match_clause, match_message
from lotline.core.consent.hearing.lexicon import load_lexicon
from lotline.core.consent.hearing.normalise import clauses, fold, tidy
from lotline.core.consent.hearing.phrases import Phrase, match_phrase, wants_to_stay
from lotline.core.consent.hearing.quotes import own_words
from lotline.core.consent.hearing.scored import (
    Limits,
    Scored,
    is_small_talk,
    load_limits,
    score_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 2000  # longer than any text of ten segments; the rest is not read


@dataclass(frozen=True, slots=True)
class Heard:
    """`decision` is block, partial, hold, start, help, wrong_number or none.

    `label` and `scope` are the words of the labelling guide; `layer` is the one that decided,
    `score` how sure it is (1 for a keyword), and `because` the keyword or the name of the phrase.
    """

    decision: str
    label: str
    scope: str
    layer: str
    score: float
    because: str


NOTHING = Heard("none", "none", "-", "none", 0.0, "")
_DECIDED = frozenset({"block", "wrong_number", "partial"})


def hear(
    text: str, *, ours: Sequence[str] = (), out: bool = False, asked_to_return: bool = False
) -> Heard:
    """What `text` asks of us.

    `ours` are our recent texts to the person, whose echo does not count. `out` says that the
    person is opted out, `asked_to_return` that our last text asked them to come back: only then
    does a YES mean it.
    """
    heard, own, clean = by_tables(text, ours=ours, out=out, asked_to_return=asked_to_return)
    if not own:
        return heard
    return decide(heard, own, score_text(own, clean), load_limits())


def decide(heard: Heard, own: str, scored: Scored, limits: Limits) -> Heard:
    """The one decision: what the tables heard, weighed by the scores."""
    weighed = weigh(heard, scored, limits)
    if weighed.layer != "score" or not is_small_talk(own):
        return weighed
    # Scores alone stop nobody over a few plain words: what they are sure of, a person looks at.
    return heard if weighed.decision == "hold" else _to_a_person(weighed)


def by_tables(
    text: str, *, ours: Sequence[str] = (), out: bool = False, asked_to_return: bool = False
) -> tuple[Heard, str, str]:
    """What the tables hear; and where scores may add to it, the person's own words, both forms."""
    clean = tidy(text[:_LONGEST])
    folded = fold(clean)
    whole = match_message(folded)
    if whole is not None and whole.family is not Family.UNCLEAR:
        return _of_keyword(whole, out=out, asked=asked_to_return), "", clean
    own = own_words(folded, [fold(tidy(body)) for body in ours])
    if own.reacted_to is not None and not own.words:
        return _of_reaction(own.reacted_to), "", clean
    if own.words != folded:
        whole = match_message(own.words)
    if whole is not None:
        return _of_keyword(whole, out=out, asked=asked_to_return), "", clean
    found = match_phrase(own.words, clean)
    if found is not None and found.final:
        return _of_phrase(found), "", clean
    by_clause = _of_clauses(own.words)
    if by_clause is not None and by_clause.decision in {"block", "wrong_number"}:
        return by_clause, "", clean
    heard = _of_phrase(found) if found is not None else by_clause or NOTHING
    if found is None and by_clause is None and wants_to_stay(own.words):
        return NOTHING, "", clean
    ordinary = own.words.strip(" .!?") in load_lexicon().not_typos
    return heard, "" if ordinary and heard.decision not in _DECIDED else own.words, clean


def _of_keyword(match: Match, *, out: bool, asked: bool) -> Heard:
    word = match.word
    score = 1.0 if match.sure else 0.5
    family = match.family
    if family in {Family.STOP, Family.WEAK}:
        return Heard("block", "revoke", "all", "keyword", score, word)
    if family is Family.WRONG_NUMBER:
        return Heard("wrong_number", "wrong_number", "-", "keyword", score, word)
    if family is Family.HELP:
        return Heard("help", "help", "-", "keyword", score, word)
    if family is Family.UNCLEAR:
        return Heard("hold", "ambiguous", "-", "keyword", 0.5, word)
    if family is Family.START and not match.sure:
        return Heard("hold", "reopt_in", "-", "keyword", 0.5, word)
    meant = {Family.START: True, Family.START_OUT: out or asked, Family.START_ASKED: asked}
    if meant[family]:
        return Heard("start", "reopt_in", "-", "keyword", score, word)
    return NOTHING


def _of_reaction(about: str) -> Heard:
    """A reaction asks for nothing, unless what it underlines is itself a bare keyword."""
    match = match_message(about)
    if match is not None and match.family in {Family.STOP, Family.WEAK}:
        return Heard("hold", "ambiguous", "-", "clause", 0.5, match.word)
    return NOTHING


def _of_clauses(words: str) -> Heard | None:
    """The first clause that is a keyword; one that only may be a stop counts when none is."""
    weak = None
    for clause in clauses(words):
        match = match_clause(clause)
        if match is None or not match.sure:
            continue
        if match.family is Family.STOP:
            return Heard("block", "revoke", "all", "clause", 0.99, match.word)
        if match.family is Family.WRONG_NUMBER:
            return Heard("wrong_number", "wrong_number", "-", "clause", 0.99, match.word)
        if match.family is Family.WEAK:
            weak = weak or Heard("hold", "ambiguous", "-", "clause", 0.5, match.word)
    return weak


def _of_phrase(found: Phrase) -> Heard:
    return Heard(found.decision, found.label, found.scope, "phrase", found.score, found.name)


def weigh(of_tables: Heard, scored: Scored, limits: Limits) -> Heard:
    """What the tables found and what the scores make of it.

    A sentence of the tables decides when the scores do not speak against it; else a person looks.
    """
    whole = scored.whole
    if of_tables.decision in _DECIDED:
        return _agreed(of_tables, scored, limits)
    if of_tables.label == "reopt_in" or of_tables.layer == "clause":
        return of_tables
    doubted = of_tables.decision == "hold"
    blocks = limits.stop_blocks_if_held if doubted else limits.stop_blocks
    if whole["stop"] >= blocks:
        return _scored("block", "revoke", "all", whole["stop"], of_tables)
    if whole["wrong"] >= limits.wrong_blocks:
        return _scored("wrong_number", "wrong_number", "-", whole["wrong"], of_tables)
    if whole["limit"] >= limits.limit_limits:
        return _scored("partial", "revoke_partial", "this_topic", whole["limit"], of_tables)
    if doubted or of_tables.decision == "help":
        return of_tables
    asks = max(scored.asks, whole["unclear"])
    if scored.asks + whole["unclear"] >= limits.holds or scored.clause_asks >= limits.clause_holds:
        return _scored("hold", "ambiguous", "-", max(asks, scored.clause_asks), of_tables)
    return NOTHING


def _agreed(of_tables: Heard, scored: Scored, limits: Limits) -> Heard:
    whole = scored.whole
    if of_tables.decision == "partial":
        return of_tables if scored.asks >= limits.limit_agrees else _to_a_person(of_tables)
    if max(scored.asks, scored.clause_asks) < limits.agrees:
        return _to_a_person(of_tables)
    if whole["limit"] >= limits.limit_limits:
        return _scored("partial", "revoke_partial", "this_topic", whole["limit"], of_tables)
    return of_tables


def _to_a_person(heard: Heard) -> Heard:
    return Heard("hold", "ambiguous", "-", heard.layer, heard.score, heard.because)


def _scored(decision: str, label: str, scope: str, likely: float, of_tables: Heard) -> Heard:
    because = of_tables.because or "reads like others that do"
    return Heard(decision, label, scope, "score", round(likely, 3), because)
