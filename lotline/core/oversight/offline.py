"""The page that checks evidence: one file, alone, without network, that anybody can open.

Its style and its script stand inside it and are the only ones its own policy lets run. It
recomputes what `verify` recomputes, in the reader's browser.

Not here: the promises of the story (`story`); those are judged by `lotline verify` only.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib import resources


@cache
def verify_page() -> bytes:
    """The file, the same for every bundle."""
    folder = resources.files("lotline.core.oversight") / "static"
    page, css, js = (
        (folder / f"verify.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")
    )
    made = page.replace("{{script}}", _digest(js)).replace("{{style}}", _digest(css))
    return made.replace("{{css}}", css).replace("{{js}}", js).encode()


def _digest(words: str) -> str:
    return "sha256-" + b64encode(sha256(words.encode()).digest()).decode("ascii")
