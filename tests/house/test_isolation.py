"""What tests stand on holds: no way out, a database each, and roles that are what they claim."""

from __future__ import annotations

import socket

import psycopg
import pytest

from tests.conftest import Database, NoNetworkInTests


def test_no_test_reaches_another_machine() -> None:
    for host in ("192.0.2.1", "2001:db8::1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            with pytest.raises(NoNetworkInTests):
                link.connect((host, 9))
            with pytest.raises(NoNetworkInTests):
                link.sendto(b"x", (host, 9))
    with pytest.raises(NoNetworkInTests):
        socket.getaddrinfo("texts.example.com", 443)


def test_loopback_is_open() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname(), 2):
        pass


@pytest.mark.parametrize("turn", [1, 2])
def test_nothing_of_one_test_is_seen_by_the_next(db: Database, turn: int) -> None:
    with psycopg.connect(db.owner) as link:
        link.execute("create table left_behind(turn int)")  # would fail the second time


def test_each_role_signs_in_as_itself_and_only_the_owner_makes_tables(db: Database) -> None:
    for dsn, name in ((db.app, "lotline_app"), (db.reader, "lotline_reader")):
        with psycopg.connect(dsn) as link:
            assert link.execute("select current_user").fetchone() == (name,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute("create table mine(i int)")
