"""What a person typed, brought to plain words, so that tables need each word only once.

Nothing here decides anything: two texts with the same words come out the same however they were
dressed up, and a text in an alphabet we do not read comes out as it was.

Not here: which part of a text is the person's own (`quotes`), what the words mean (`keywords`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain, pairwise

from lotline.core.consent.hearing.lexicon import load_lexicon

_WORDS_KEPT = 20_000  # by their spelling
_TEXTS_KEPT = 32  # each layer asks for the clauses of the same text
_LOOK_ALIKES = str.maketrans(
    "аеорсухкмтвнієѕјАЕОРСУХКМТВНІЅЈοαερτνικυχΟΑΕΡΤΝΙΚΥΧΒΗΜΖꜱᴛᴏᴘᴀʙᴄᴅᴇꜰғɢʜɪᴊᴋʟᴍɴʀᴜᴠᴡʏᴢđĐøØłŁı",
    "aeopcyxkmtbhiesjAEOPCYXKMTBHISJoaeptvikuxOAEPTNIKYXBHMZstopabcdeffghijklmnruvwyzdDoOlLi",
)
_STRAIGHT = str.maketrans(
    {"‘": "'", "’": "'", "‛": "'", "´": "'", "`": "'", "ʼ": "'", "″": '"', "“": '"', "”": '"'}
    | {"„": '"', "‟": '"', "«": '"', "»": '"', "‹": '"', "›": '"', "…": "...", "¡": "!", "¿": "?"}
    | {"–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "‒": "-", "−": "-"}
)
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff\ufe00-\ufe0f\u20e3]")
_FLAG_WORD = re.compile("[\U0001f1e6-\U0001f1ff]{3,}")
_BADGES = {
    start + offset: ord("a") + offset
    for start in (0x1F150, 0x1F170)  # white letters on black circles and squares
    for offset in range(26)
}
_FLAGS = {0x1F1E6 + offset: ord("a") + offset for offset in range(26)}
_SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][\s.\-_*·•,/|~+]{1,2}){2,}[^\W\d_](?!\w)")
_NOT_LETTERS = re.compile(r"[\W_]+")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_TWINS = re.compile(r"([^\W\d_])\1+")
_SIGNATURE = re.compile(
    r"(?:^|\n|\s{2,}|(?<=[.!?\w])\s)[-–—]*\s*"
    r"(?:sent (?:from|via) (?:my|the|a|samsung|yahoo|android|iphone)\b.{0,40}"
    r"|get outlook for .{0,20}"
    r"|enviado desde (?:mi|el)\b.{0,30}|envoy[ée] (?:de|depuis) mon\b.{0,30})\s*$",
    re.IGNORECASE,
)
_LEET = str.maketrans("013457$@!", "oieasTsai".lower())
_SLIPPED_SHIFT = re.compile(r"![!1]+(?!\w)")  # "!!!1!"
_TOKEN = re.compile(r"[^\W_]+(?:['$@][^\W_]+)*|[#&$@]|[\u2600-\u27bf\U0001f000-\U0001faff]")
_CLAUSE_END = re.compile(r"[.!?;:,\n()\[\]]+|\s-+\s|\s-+$|^-+\s|-{2,}|[|/]\s")


@cache
def _is_mark(char: str) -> bool:
    return unicodedata.category(char) == "Mn"


@cache
def _is_format(char: str) -> bool:
    return unicodedata.category(char) in {"Cf", "Cc"} and char not in "\n\t"


def tidy(text: str) -> str:
    """One form of each character, look-alikes replaced, signature gone; case and accents kept."""
    if text.isascii():
        plain = text
    else:
        plain = _FLAG_WORD.sub(lambda run: run[0].translate(_FLAGS), text).translate(_BADGES)
        plain = unicodedata.normalize("NFKC", plain.translate(_STRAIGHT))
        plain = "".join(char for char in plain if not _is_format(char))
        plain = _SKIN.sub("", plain).translate(_STRAIGHT)
        plain = re.sub(r"[^\W_]+", lambda word: _unmasked(word[0]), plain)
    return _SIGNATURE.sub("", _SLIPPED_SHIFT.sub("!", plain)).strip()


def _unmasked(word: str) -> str:
    """Latin letters for their look-alikes, when the whole word then reads as Latin."""
    if word.isascii():
        return word
    latin = word.translate(_LOOK_ALIKES)
    bare = "".join(c for c in unicodedata.normalize("NFKD", latin) if not _is_mark(c))
    mixed = any(char.isascii() for char in word) or canonical(bare.casefold()) != bare.casefold()
    known = bare.casefold() in load_lexicon().vocabulary
    return latin if bare.isascii() and (mixed or known) else word


def fold(tidied: str) -> str:
    """Lower case, without accents, spaced letters joined: `s t o p` and `S.T.O.P.` are stop."""
    lower = tidied.casefold()
    if not lower.isascii():
        apart = unicodedata.normalize("NFKD", lower)
        lower = unicodedata.normalize("NFC", "".join(c for c in apart if not _is_mark(c)))
    return _SPACED.sub(lambda run: _NOT_LETTERS.sub("", run[0]), lower)


@lru_cache(_TEXTS_KEPT)
def clauses(folded: str) -> tuple[tuple[str, ...], ...]:
    """The words of each clause, spelled one way; emoji are words."""
    parts = (tuple(words_of(part)) for part in _CLAUSE_END.split(folded))
    return tuple(words for words in parts if words)


def words_of(folded: str) -> list[str]:
    """The words of `folded`, each brought to the spelling of the tables where it is a known one."""
    words = list(chain.from_iterable(map(_spelled, _TOKEN.findall(folded))))
    slips = load_lexicon().slips_of_me
    if _slips_alone().isdisjoint(words):
        return words
    for at, pair in enumerate(pairwise(words), start=1):
        if pair in slips:
            words[at] = "me"
    return words


@cache
def _slips_alone() -> frozenset[str]:
    return frozenset(slip for _, slip in load_lexicon().slips_of_me)


@lru_cache(_WORDS_KEPT)
def _spelled(token: str) -> tuple[str, ...]:
    """A token as the tables spell it. Kept by word, for most words are written again and again."""
    word = canonical(token)
    parts = load_lexicon().respell.get(word) or _run_together(word)
    if parts is not None:
        return tuple(parts)
    if word.endswith("n't"):
        verb = word.removesuffix("n't")
        return (verb, "not") if verb else ("not",)  # a word is never empty
    return (word,)


def _run_together(word: str) -> tuple[str, ...] | None:
    """`stoptexting` is two words, when the first is one that people begin a demand with."""
    lexicon = load_lexicon()
    if word in lexicon.vocabulary or word in lexicon.not_typos:
        return None
    for head in lexicon.run_ons:
        tail = word.removeprefix(head)
        if (
            tail != word
            and len(tail) > 1
            and (tail in lexicon.vocabulary or tail in lexicon.slips.values())
        ):
            return (*lexicon.respell.get(head, (head,)), tail)
    return None


@cache
def _canonical_of_known() -> dict[str, str]:
    """Known words by their form without doubled letters; of two that share one, the shorter."""
    found: dict[str, str] = {}
    for word in sorted(load_lexicon().vocabulary, key=lambda word: (len(word), word)):
        found.setdefault(_TWINS.sub(r"\1", word), word)
    return found


def canonical(token: str) -> str:
    """A known word for a stretched, doubled or masked spelling of it; else the token itself."""
    lexicon = load_lexicon()
    if token in lexicon.vocabulary or token in lexicon.respell:
        return token
    stretched = _RUN.sub(r"\1", token)
    for tried in (stretched, _RUN.sub(r"\1\1", token)):
        if tried in lexicon.vocabulary or tried in lexicon.respell:
            return tried
    if token in lexicon.not_typos:
        return token
    if any(char.isdigit() or char in "$@!" for char in token) and not token.isdigit():
        read = token.translate(_LEET)
        if read in lexicon.vocabulary:
            return read
    thin = _TWINS.sub(r"\1", token)
    known = _canonical_of_known().get(thin) if thin != token else None
    return known or lexicon.slips.get(stretched, token)
