"""Hands for the package that is handed out: made, taken apart, read far away without network.

Not here: the tests (`test_package`, `test_brought`).
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from lotline.actions.evidence import Exported, export_evidence
from lotline.core.oversight.package import pack_evidence
from tests.actions.house import House
from tests.ops.past import contact_of


def export(house: House, number: str, **more: Any) -> Exported:
    viewer = house.town.sign_in("ada")
    return export_evidence(house.ctx, viewer, contact_of(house, number), purpose="case 22", **more)


def opened(made: Exported, size: Any = "letter") -> dict[str, bytes]:
    packed = pack_evidence(made.data, made_at=made.made_at, size=size)
    with zipfile.ZipFile(io.BytesIO(packed)) as found:
        return {name: found.read(name) for name in found.namelist()}


def words_of(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


@dataclass
class Reader:
    """Somebody far away with the package, a browser and no network."""

    page: Page
    folder: Path
    said: list[str]

    def check(self, bundle: bytes, key: str = "") -> str:
        (self.folder / "evidence.json").write_bytes(bundle)
        self.page.get_by_label("public key").fill(key)
        self.page.get_by_label("Evidence file").set_input_files([])
        self.page.get_by_label("Evidence file").set_input_files(self.folder / "evidence.json")
        out = self.page.get_by_role("status")
        expect(out.get_by_role("heading")).to_be_visible()
        return out.inner_text()
