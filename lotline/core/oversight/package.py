"""The package that is handed out: the bundle, the same on paper, the page that checks it, sums.

Everything in it follows from the bundle, so the same bundle gives the same package.

Not here: the bundle (`evidence`), the paper's words (`exhibits`), who may have one (`actions`).
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lotline.core.oversight.evidence import BUNDLE
from lotline.core.oversight.exhibits import evidence_pdf
from lotline.core.oversight.offline import verify_page
from lotline.core.oversight.paper import Size

PAPER, PAGE, SUMS = "evidence.pdf", "verify.html", "SHA256SUMS"


def pack_evidence(bundle: bytes, *, made_at: datetime, size: Size = "letter") -> bytes:
    """A ZIP. Its sums are for `sha256sum --check`."""
    files = {BUNDLE: bundle, PAPER: evidence_pdf(bundle, size=size), PAGE: verify_page()}
    sums = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    files[SUMS] = sums.encode("ascii")
    sink = BytesIO()
    with ZipFile(sink, "w", ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            entry = ZipInfo(name, date_time=made_at.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16  # it holds a customer's words
            zipped.writestr(entry, data)
    return sink.getvalue()
