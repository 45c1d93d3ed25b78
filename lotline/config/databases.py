"""Which PostgreSQL we speak to, and as whom: three roles, whether it is the embedded one or yours.

The owner changes tables, the application and the reader may not look past row-level security; an
installation in which they could is refused.

Not here: running the embedded server (`cluster`), what the roles may touch (`store.migrations`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lotline.config.cluster import ROLES, Cluster, Role, role_statement, write_private
from lotline.config.settings import BadSetting, Settings


@dataclass(frozen=True, slots=True)
class Dsns:
    """The ways in. `direct` is never through a pooler, for LISTEN and for locks that last."""

    owner: str
    app: str
    reader: str
    direct: str
    pooled: bool


def known_dsns(settings: Settings) -> Dsns:
    """The ways in, without starting or changing anything."""
    if not settings.database_url:
        cluster = Cluster.locate(settings.data)
        app = cluster.dsn("app")
        return Dsns(cluster.dsn("owner"), app, cluster.dsn("reader"), app, pooled=False)
    app = settings.database_app_url or _derived(settings, "app")
    return Dsns(
        owner=settings.database_url,
        app=app,
        reader=settings.database_reader_url or _derived(settings, "reader"),
        direct=settings.database_direct_url or app,
        pooled=bool(settings.database_direct_url),
    )


@contextmanager
def opened(settings: Settings) -> Iterator[Dsns]:
    """The database for as long as one command needs it: attached to, or started and stopped."""
    cluster = None if settings.database_url else Cluster.start(settings.data)
    try:
        yield known_dsns(settings)
    finally:
        if cluster is not None:
            cluster.stop()


def prepare_roles(settings: Settings) -> None:
    """In a PostgreSQL that is not ours: make the two lesser roles, or say what to run.

    The embedded one made its roles when it started.
    """
    if not settings.database_url:
        return
    with psycopg.connect(settings.database_url, autocommit=True) as link:
        for role, given in (
            ("app", settings.database_app_url),
            ("reader", settings.database_reader_url),
        ):
            if not given:
                _make_role(link, settings, role)
    dsns = known_dsns(settings)
    for name, dsn in (("DATABASE_APP_URL", dsns.app), ("DATABASE_READER_URL", dsns.reader)):
        _refuse_powerful(name, dsn)


def _make_role(link: psycopg.Connection[tuple[object, ...]], settings: Settings, role: str) -> None:
    name = f"lotline_{role}"
    path = _password_file(settings, role)
    exists = link.execute("select rolcanlogin from pg_roles where rolname = %s", [name]).fetchone()
    if exists and path.exists():
        return
    if exists and exists[0]:  # a new password would lock out whoever uses the one it has
        raise BadSetting(
            f"the role {name} has a password already, which this host does not know. Copy "
            f"roles/{path.name} from the data directory of the host that made it, or set "
            f"DATABASE_{role.upper()}_URL to the address that it uses. If no host uses it now: "
            f"alter role {name} nologin, and start again"
        )
    password = path.read_text() if path.exists() else secrets.token_urlsafe(24)
    try:
        link.execute(role_statement("alter" if exists else "create", name, password))
        database = sql.Identifier(link.info.dbname)
        grant = sql.SQL("grant connect on database {} to {}")
        link.execute(grant.format(database, sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        variable = f"DATABASE_{role.upper()}_URL"
        raise BadSetting(
            f"the owner named by DATABASE_URL may not make the role {name}. Let an administrator "
            f"run: create role {name} login nosuperuser nobypassrls password '...'; "
            f"grant connect on database {link.info.dbname} to {name}; and set {variable} to it"
        ) from None
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, password)


def _refuse_powerful(name: str, dsn: str) -> None:
    with psycopg.connect(dsn) as link:
        row = link.execute(
            "select rolsuper or rolbypassrls, rolname from pg_roles where rolname = current_user"
        ).fetchone()
    assert row is not None, "whoever asks exists"
    if row[0]:
        raise BadSetting(
            f"{name} signs in as {row[1]}, who may look past row-level security; "
            "use a role that is no superuser and has no BYPASSRLS"
        )


def _derived(settings: Settings, role: Role) -> str:
    """The owner's address with another role's name and password."""
    path = _password_file(settings, role)
    password = path.read_text() if path.exists() else ""
    parts = {**conninfo_to_dict(settings.database_url), "user": ROLES[role], "password": password}
    return make_conninfo("", **parts)


def _password_file(settings: Settings, role: str) -> Path:
    return settings.data / "roles" / f"lotline_{role}.password"
