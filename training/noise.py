"""Texts as they are really typed: slips of the thumb, letters left out, words run together.

Each change is decided by a checksum of the text and its turn, so that it is always the same.

Not here: the rows (`rows`), the repair of slips (`lotline.core.consent.hearing`).
"""

from __future__ import annotations

from zlib import crc32

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR = {
    letter: [
        near
        for other, row_of in enumerate(_KEYS)
        for column, near in enumerate(row_of)
        if near != letter and abs(other - line) <= 1 and abs(column - at) <= 1
    ]
    for line, row in enumerate(_KEYS)
    for at, letter in enumerate(row)
}
# What the ear, the thumb and the phone's own dictionary make of a word.
_HEARD = {
    "stop": ("stopp", "top", "stpo", "stahp", "sstop", "stop.", "shtop", "sotp"),
    "texting": ("taxing", "testing", "texing", "txting", "textin", "txtn", "tecting"),
    "text": ("txt", "test", "tex", "texts", "tect"),
    "texts": ("txts", "tests", "text", "texs", "texst"),
    "messages": ("msgs", "mesages", "massages", "messeges", "mssgs"),
    "message": ("msg", "mesage", "massage", "messege"),
    "messaging": ("msging", "massaging", "mesaging"),
    "you": ("u", "yu", "yiu"),
    "your": ("ur", "yor", "you're", "yuor"),
    "you're": ("ur", "your"),
    "please": ("pls", "plz", "pleas", "plese", "pleeease", "pease"),
    "number": ("numbr", "nmber", "#", "numer", "no."),
    "wrong": ("rong", "worng", "wromg", "wrng"),
    "me": ("mee", "ne", "my"),
    "off": ("of", "iff", "odd"),
    "remove": ("remov", "removed", "remve"),
    "are": ("r",),
    "list": ("lst", "lists", "lust"),
    "unsubscribe": ("unsuscribe", "unsubcribe", "un subscribe"),
    "don't": ("dont", "dnt", "don"),
    "isn't": ("isnt", "aint"),
    "not": ("nit", "nott"),
    "anymore": ("any more", "anymor", "nomore"),
    "someone": ("some1", "somone"),
    "to": ("too", "2"),
    "because": ("cuz", "bc"),
    "have": ("hav", "haev"),
    "this": ("thi", "ths"),
    "for": ("fr", "4"),
    "the": ("teh", "da"),
    "no": ("noo", "nno"),
    "know": ("kno", "no"),
    "want": ("wnat", "wan"),
}


def noisy(text: str, turn: int) -> str:
    """The text with one to three slips in it."""
    words = text.split(" ")
    for slip in range(1 + _dice(text, turn, 0) % (1 if len(words) < 4 else 3)):
        at = _dice(text, turn, slip * 10 + 1) % len(words)
        words[at] = _slip(words[at], _dice(text, turn, slip * 10 + 2))
    joined = " ".join(words)
    how = _dice(text, turn, 99) % 8
    if how == 0:
        return joined.lower().replace("'", "").replace(",", "").replace(".", "")
    if how == 1:
        return joined.upper()
    if how == 2:
        return joined[:1].upper() + joined[1:]
    return joined


def _slip(word: str, dice: int) -> str:
    heard = _HEARD.get(word.lower().strip(".,!?"))
    if heard is not None and dice % 3:
        return heard[dice // 3 % len(heard)]
    at, how = dice // 7 % max(1, len(word)), dice % 5
    if len(word) < 3 or not word[at].isalpha():
        return word
    if how == 0:
        return word[:at] + word[at + 1 :]
    if how == 1:
        return word[:at] + word[at] + word[at:]
    if how == 2 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    near = _NEAR.get(word[at].lower())
    return word[:at] + near[dice // 11 % len(near)] + word[at + 1 :] if near else word


def _dice(text: str, turn: int, which: int) -> int:
    return crc32(f"{turn}:{which}:{text}".encode())
