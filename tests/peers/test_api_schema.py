"""The API keeps to its own description, whatever is sent: no 500, no answer it does not describe.

Not here: what it means (`tests/web/api`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from schemathesis.checks import CHECKS

from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import build_town, carrier_double, make_context
from tests.web.api.client import Client, Served, serving

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

# What its words must be is more than a schema says: the gate, a number, a line within reach.
NOT_SAID_BY_A_SCHEMA = {"positive_data_acceptance"}

LONG = int(os.environ.get("LOTLINE_SCHEMA_EXAMPLES", "400"))
REFUSED = "negative_data_rejection"


def _is_said(case: Any) -> bool:
    """Whether what is wrong goes over the wire: an unknown name without a value does not."""
    known = {one.name for one in case.operation.query}
    unknown = [value for name, value in (case.query or {}).items() if name not in known]
    return not unknown or any(value not in (None, [], {}, ()) for value in unknown)


@pytest.fixture(scope="module")
def api(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("schema")
    ctx = replace(make_context(module_db.app, folder), carrier_for=carrier_double(MemoryCarrier()))
    house = House(build_town(ctx, {"policy_required": False}), MemoryCarrier(), module_db)
    try:
        with serving(house) as found:
            yield found
    finally:
        house.close()


def _run(api: Served, examples: int) -> int:
    """How many calls were made; the first that breaks the description raises."""
    program: Client = api.program(per_minute=1_000_000)
    schema = schemathesis.openapi.from_url(f"{api.url}/api/v1/openapi.json")
    schema.config.generation.update(with_security_parameters=False)  # every call has its token
    checks = [one for one in CHECKS.get_all() if one.__name__ not in NOT_SAID_BY_A_SCHEMA]
    calls = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # our own description is a valid one
        for mode in schemathesis.GenerationMode:

            @hypothesis.settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def asked(case: Any) -> None:
                nonlocal calls
                calls += 1
                headers = {"Authorization": f"Bearer {program.token}"}
                asked_of = [one for one in checks if one.__name__ != REFUSED or _is_said(case)]
                case.call_and_validate(headers=headers, checks=asked_of)

            try:
                asked()
            except hypothesis.errors.Unsatisfiable:  # nothing wrong can be said to this one
                continue
    return calls


def test_it_keeps_to_its_description(api: Served) -> None:
    assert _run(api, 2) > 20


@pytest.mark.slow
def test_it_keeps_to_its_description_for_long(api: Served) -> None:
    assert _run(api, LONG) > LONG * 10
