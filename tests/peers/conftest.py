"""One simulator for all tests here; each test has a receiver and customers of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.running import Receiver, SimulatorProcess, Us, register


@pytest.fixture(scope="session")
def running() -> Iterator[SimulatorProcess]:
    simulator = SimulatorProcess()
    yield simulator
    assert simulator.stop() == 0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def simulator(running: SimulatorProcess, receiver: Receiver) -> Iterator[SimulatorProcess]:
    """The same process for all tests; each has numbers and a receiver of its own."""
    register(running, receiver)
    yield running
    running.post("/sim/faults", {"clear": True})
    running.post("/sim/life", {"on": False})


@pytest.fixture
def us(simulator: SimulatorProcess) -> Iterator[Us]:
    us = Us(simulator)
    yield us
    us.http.close()
