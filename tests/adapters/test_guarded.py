"""The way out for libraries: nothing inside a network, no redirect, no endless answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from lotline.adapters.guarded import LONGEST, Session


class Answers(BaseHTTPRequestHandler):
    """Plain, long, or pointing elsewhere."""

    def do_GET(self) -> None:  # the library's own name
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/")
            self.end_headers()
            return
        body = b"x" * (LONGEST + 10 if self.path == "/long" else 2)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture(scope="module")
def near() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
    ],
)
def test_nothing_inside_a_network_is_reached(url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="private"):
        Session().get(url)


def test_where_it_is_allowed_it_is_reached_and_no_further(near: str) -> None:
    session = Session(private=True)
    assert session.get(near).text == "xx"
    away = session.get(f"{near}/away")
    assert (away.status_code, away.text) == (302, "")
    with pytest.raises(requests.ConnectionError, match="too long"):
        session.get(f"{near}/long")
    with pytest.raises(requests.exceptions.InvalidSchema):
        session.get("file:///etc/hostname")
