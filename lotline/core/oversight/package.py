"""The package that is handed out: the bundle, the same on paper, the page that checks it, sums.

Everything in it follows from the bundle, so the same bundle gives the same package.

Not here: the bundle (`evidence`, `many`), the paper's words (`exhibits`, `exhibits_many`), opening
one that comes from outside (`unpacking`), who may have one (`actions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lotline.core.oversight.evidence import BUNDLE
from lotline.core.oversight.exhibits import evidence_pdf
from lotline.core.oversight.offline import verify_page
from lotline.core.oversight.paper import Size

PAPER, PAGE, SUMS = "evidence.pdf", "verify.html", "SHA256SUMS"


def pack_evidence(bundle: bytes, *, made_at: datetime, size: Size = "letter") -> bytes:
    """A ZIP. Its sums are for `sha256sum --check`."""
    return pack([bundle], lambda _, __: evidence_pdf(bundle, size=size), made_at=made_at).getvalue()


def pack(
    pieces: Iterable[bytes],
    draw: Callable[[IO[bytes], str], bytes],
    *,
    made_at: datetime,
) -> BytesIO:
    """A ZIP of a bundle that comes in pieces and is never held whole.

    `draw` makes the paper: it is handed the bundle to read again, and its sum.
    """
    sink, summed = BytesIO(), sha256()
    with (
        ZipFile(sink, "w", ZIP_DEFLATED) as zipped,
        zipped.open(_entry(BUNDLE, made_at), "w", force_zip64=True) as bundle,
    ):
        for piece in pieces:
            summed.update(piece)
            bundle.write(piece)
    digest = summed.hexdigest()
    with ZipFile(sink) as zipped, zipped.open(BUNDLE) as bundle:
        paper = draw(bundle, digest)
    files = {PAPER: paper, PAGE: verify_page()}
    sums = {BUNDLE: digest, **{name: sha256(data).hexdigest() for name, data in files.items()}}
    files[SUMS] = "".join(f"{value}  {name}\n" for name, value in sums.items()).encode("ascii")
    with ZipFile(sink, "a", ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(_entry(name, made_at), data)
    sink.seek(0)
    return sink


def _entry(name: str, made_at: datetime) -> ZipInfo:
    entry = ZipInfo(name, date_time=made_at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16  # it holds a customer's words
    return entry
