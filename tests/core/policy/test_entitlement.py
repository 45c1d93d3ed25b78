"""No signature, no texting: what a member must have done, on both sides of each day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lotline.core.policy.entitlement import Lacks, Record, entitlement_at

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GOOD = Record(active=True, signed_version=3, current_version=3, trained_until=NOW + SECOND)


@pytest.mark.parametrize(
    "record,lacks",
    [
        (GOOD, ()),
        (replace(GOOD, active=False), (Lacks.ACTIVE,)),
        (replace(GOOD, signed_version=None), (Lacks.POLICY,)),
        (replace(GOOD, signed_version=None, current_version=None), ()),
        (replace(GOOD, signed_version=2), (Lacks.POLICY,)),
        (replace(GOOD, signed_version=2, sign_by=NOW + SECOND), ()),
        (replace(GOOD, signed_version=2, sign_by=NOW), (Lacks.POLICY,)),
        (replace(GOOD, signed_version=1, sign_by=NOW + SECOND), (Lacks.POLICY,)),
        (replace(GOOD, trained_until=NOW), (Lacks.TRAINING,)),
        (replace(GOOD, trained_until=None), (Lacks.TRAINING,)),
        (replace(GOOD, trained_until=None, training_required=False), ()),
        (Record(active=False, signed_version=None, current_version=1), tuple(Lacks)),
    ],
)
def test_what_a_member_lacks(record: Record, lacks: tuple[Lacks, ...]) -> None:
    entitled = entitlement_at(record, NOW)

    assert entitled.lacks == lacks
    assert entitled.may_text is (not lacks)
