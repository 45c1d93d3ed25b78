"""`python -m simulator --port N [--data DIR] [--seed N]`: run the carrier until told to stop.

Prints one line with its address when it listens. SIGTERM or Ctrl-C ends it within seconds.
"""

from __future__ import annotations

import argparse
import signal
import socket
from pathlib import Path
from types import FrameType

import uvicorn

from simulator.app import Simulator

CONNECTIONS_MAX = 1024


def main() -> None:
    """Bind first, so that a taken port is said at once and port 0 can be printed."""
    asked = _arguments()
    family = socket.AF_INET6 if ":" in asked.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((asked.host, asked.port))
    except OSError as taken:
        raise SystemExit(
            f"simulator: cannot listen on {asked.host}:{asked.port}: {taken}"
        ) from None
    listener.listen(512)  # whoever reads the address may call at once
    port = listener.getsockname()[1]
    shown = f"[{asked.host}]" if family == socket.AF_INET6 else asked.host
    own_url = f"http://{shown}:{port}"
    simulator = Simulator(asked.data, asked.seed)
    config = uvicorn.Config(
        simulator.application(asked.host, own_url),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=CONNECTIONS_MAX,
        server_header=False,
    )
    for stop in (signal.SIGTERM, signal.SIGINT):
        # The server stops by itself and then raises the signal again: being told to stop is no
        # failure, so nothing more happens.
        signal.signal(stop, lambda _number, _frame: None)
    print(f"simulator ready {own_url}/sim/phones", flush=True)
    _Server(config, simulator).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Lets go of those who wait for news before it waits for them."""

    def __init__(self, config: uvicorn.Config, simulator: Simulator) -> None:
        super().__init__(config)
        self._simulator = simulator

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called by the loop's signal handler; waking is all that is done here."""
        self._simulator.world.end()
        super().handle_exit(sig, frame)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description="A carrier with customers.")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, help="a folder to remember in")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
