"""Which words of a text are the person's own: reactions, quotations and echoes of ours are not.

A phone sends "Liked “Reply STOP to opt out”" as a text. Nobody in it has asked for anything; but
whatever the person adds below is theirs. Where a whole message is one quoted word, it is theirs.

Not here: what the words that remain mean (`keywords`, `phrases`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lotline.core.consent.hearing.normalise import fold, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

QUOTED = " quotedwords "  # stands where a quotation was, so that its neighbours do not meet

_OPEN, _SHUT = r"[\"«“„]\s*", r"\s*[\"»”]"
_REACTED = (
    r"liked|loved|disliked|laughed at|emphasi[sz]ed|questioned"
    r"|reacted (?:with )?\S{1,8} to|removed an? .{2,20}? from|\W{1,8} to"
    r"|(?:no )?le gusto|le encanto|le dio risa|se rio de|destaco|enfatizo|exclamo|cuestiono"
    r"|(?:no )?me gusta|me encanta|reacciono (?:con )?\S{1,8} a|(?:quito|elimino) .{2,30}? (?:de|a)"
    r"|a aime|a adore|n'a pas aime|a ri (?:a|de)|a mis en evidence|a souligne|a insiste sur"
    r"|a reagi (?:avec |par )?\S{1,8} a|a mis en doute|a questionne"
    r"|a (?:retire|supprime) .{2,30}? (?:de|a)"
)
_THINGS = (
    r"an? (?:image|photo|picture|movie|video|audio message|attachment|link|sticker|gif|contact)"
    r"|una? (?:imagen|foto|video|archivo|mensaje de audio)|une? (?:image|photo|video|piece jointe)"
)
_REACTION = re.compile(
    rf"^\W*(?P<verb>{_REACTED})\s*(?:{_OPEN}(?P<what>.*){_SHUT}|(?P<thing>{_THINGS}))\s*\.?\s*",
    re.DOTALL,
)
_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|\^\^|(?:fwd?|re|rv|tr)\s*:).*$", re.MULTILINE)
_QUOTE = re.compile(r"\"([^\"\n]{3,400})\"")
# An instruction to opt out is how we write, not how anyone asks: "Reply STOP to opt out".
_FOOTER = re.compile(
    r"\b(?:reply|respond|text|txt|send|answer|responda|responde|envie|envia|mande"
    r"|repondez|envoyez|textez)(?: back)?(?: with)?\s+\W?"
    r"(?:stop|end|quit|cancel|unsubscribe|alto|baja|parar|arret|help|info|ayuda|aide)\b\W{0,2}\s*"
    r"(?:at any ?time\s+)?(?:2|to|para|pour|for|a fin de)\s*"
    r"(?:opt[ -]?out|unsubscribe|unsub|end|cancel|quit|stop|be removed|no more"
    r"|cancelar|salir|detener|terminar|darse de baja|(?:vous |te )?desabonner|arreter|annuler"
    r"|help|info|ayuda|aide|get help)"
    r"(?: (?:all|future|further|receiving|getting|these|the|our|recibir|mas|les|de))*"
    r"(?: (?:texts?|messages?|msgs?|alerts?|reminders?|updates?|sms|mensajes|textos))?\b"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
ECHO_WORDS = 4  # shorter spans are common property: "STOP to end" may be anyone's


@dataclass(frozen=True, slots=True)
class Own:
    """`words` is the person's own folded text; `reacted_to` what a reaction was about."""

    words: str
    reacted_to: str | None = None


def own_words(folded: str, ours: Sequence[str] = ()) -> Own:
    """`folded` without reactions, quoted lines and spans, and what we ourselves wrote lately.

    `ours` are folded bodies of our recent texts.
    """
    reacted_to = None
    reaction = _REACTION.match(folded)
    if reaction is not None:
        reacted_to = reaction["what"] or reaction["thing"] or ""
        folded = folded[reaction.end() :]
    folded = _QUOTED_LINE.sub("\n", folded)
    folded = _without_echo(folded, ours)
    if '"' in folded and not _is_one_quote(folded):
        folded = _QUOTE.sub(_kept_if_short, folded)
    return Own(_FOOTER.sub(QUOTED, folded).strip(), reacted_to)


def _is_one_quote(folded: str) -> bool:
    return len(words_of(folded)) == sum(len(words_of(found)) for found in _QUOTE.findall(folded))


def _kept_if_short(found: re.Match[str]) -> str:
    """One or two quoted words are emphasis; more are somebody's sentence."""
    few = len(words_of(found[1])) < len(("three", "quoted", "words"))
    return found[0] if few else QUOTED


def _without_echo(folded: str, ours: Sequence[str]) -> str:
    if not ours:
        return folded
    sent = [" ".join(["", *words_of(body), ""]) for body in ours]
    kept = []
    for sentence in _SENTENCE.split(folded):
        words = words_of(sentence)
        span = " ".join(["", *words, ""])
        if len(words) >= ECHO_WORDS and any(span in body for body in sent):
            kept.append(QUOTED)
        else:
            kept.append(sentence)
    return "\n".join(kept)


def fold_ours(tidied: str) -> str:
    """A body of ours in the form the echo of it will have."""
    return fold(tidied)
