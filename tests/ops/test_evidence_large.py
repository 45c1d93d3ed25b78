"""Ten thousand texts leave as one file, in the memory of a few customers and the paper."""

from __future__ import annotations

import io
import time
import tracemalloc

import pytest

from lotline.actions.evidence import Asked
from lotline.actions.evidence_many import export_line
from lotline.core.oversight.unpacking import open_package
from lotline.core.oversight.verify_many import verify_many
from tests.actions.house import House

CUSTOMERS, EACH = 500, 20
MOST_MB = 160


@pytest.mark.slow
def test_ten_thousand_texts(house: House) -> None:
    town = house.town
    for n in range(CUSTOMERS):
        number = f"+1614{n // 100 + 2}55{n % 100 + 100:04d}"
        town.meet(number, f"Customer {n}", by="ben", line="sales", how="texted_us")
        for m in range(EACH // 2):
            house.text_in(number, f"Question {m} about the car with the long name")
            house.tap(number, f"Answer {m}, and the price of it")
        town.clock.pass_by(minutes=1)
        house.dispatch()
    ada = town.sign_in("ada")
    tracemalloc.start()
    began = time.monotonic()
    made = export_line(house.ctx, ada, town.lines["sales"], Asked("large"))
    wrote, (_, most) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = len(made.file.getvalue())
    began = time.monotonic()
    report = verify_many(open_package(io.BytesIO(made.file.getvalue())))
    print(
        f"\n{report.kinds}: {made.leaves} leaves, {size / 1e6:.1f} MB, written in {wrote:.0f} s "
        f"(traced), {most / 1e6:.0f} MB at most, checked in {time.monotonic() - began:.0f} s"
    )
    assert report.whole
    assert report.kinds["text in"] + report.kinds["text out"] >= CUSTOMERS * EACH
    assert most / 1e6 < MOST_MB
