"""What the owner of this installation chose, read once from the environment and refused when odd.

Every name is read here and nowhere else, each is described in docs/operating/settings.md, and a
test holds the two together. A secret may come from a file: `NAME_FILE` instead of `NAME`.

Not here: what a business chose about its texts (that is policy, and lives in the database).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_PORT = 8700
DEFAULT_DATA = ".lotline"


class BadSetting(ValueError):
    """A setting cannot be meant as it stands; the message names it and says what would do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. Empty text means: not given."""

    data: Path
    url: str
    simulator_url: str
    database_url: str
    database_app_url: str
    database_reader_url: str
    database_direct_url: str
    root_key_file: Path
    secret_key_file: Path
    trusted_proxies: tuple[str, ...]
    metrics_token: str
    private_webhooks: bool
    exports: Path
    log_level: str
    demo: bool

    @property
    def host(self) -> str:
        """The name people reach us by."""
        return urlsplit(self.url).hostname or "localhost"

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies may insist on it."""
        return self.url.startswith("https://")


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; raises `BadSetting` rather than guess."""
    env = os.environ if env is None else env
    data = Path(read_text(env, "LOTLINE_DATA", DEFAULT_DATA)).expanduser().resolve()
    return Settings(
        data=data,
        url=read_url(env, "LOTLINE_URL", f"http://127.0.0.1:{DEFAULT_PORT}"),
        simulator_url=read_url(env, "LOTLINE_SIMULATOR_URL", ""),
        database_url=read_secret(env, "DATABASE_URL"),
        database_app_url=read_secret(env, "DATABASE_APP_URL"),
        database_reader_url=read_secret(env, "DATABASE_READER_URL"),
        database_direct_url=read_secret(env, "DATABASE_DIRECT_URL"),
        root_key_file=Path(read_text(env, "LOTLINE_ROOT_KEY_FILE", str(data / "keys" / "root"))),
        secret_key_file=Path(
            read_text(env, "LOTLINE_SECRET_KEY_FILE", str(data / "keys" / "secret"))
        ),
        trusted_proxies=read_list(env, "LOTLINE_TRUSTED_PROXIES"),
        metrics_token=read_secret(env, "LOTLINE_METRICS_TOKEN"),
        private_webhooks=read_flag(env, "LOTLINE_PRIVATE_WEBHOOKS", default=False),
        exports=Path(read_text(env, "LOTLINE_EXPORTS", str(data / "exports"))).expanduser(),
        log_level=read_choice(env, "LOTLINE_LOG_LEVEL", ("info", "debug", "warning", "error")),
        demo=read_flag(env, "LOTLINE_DEMO", default=False),
    )


def read_text(env: Mapping[str, str], name: str, default: str = "") -> str:
    return env.get(name, "").strip() or default


def read_secret(env: Mapping[str, str], name: str) -> str:
    """From `NAME`, or from the file that `NAME_FILE` names; never from both."""
    direct, path = read_text(env, name), read_text(env, f"{name}_FILE")
    if direct and path:
        raise BadSetting(f"{name} and {name}_FILE are both set; keep one of them")
    if not path:
        return direct
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE names {path}, which cannot be read: {error}") from None


def read_flag(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    said = read_text(env, name).lower()
    if not said:
        return default
    if said not in {"yes", "no", "1", "0", "true", "false"}:
        raise BadSetting(f"{name} is {said!r}; say yes or no")
    return said in {"yes", "1", "true"}


def read_choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """One of `choices`; the first is the default."""
    said = read_text(env, name, choices[0]).lower()
    if said not in choices:
        raise BadSetting(f"{name} is {said!r}; it may be {', '.join(choices)}")
    return said


def read_list(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in read_text(env, name).split(",") if part.strip())


def read_url(env: Mapping[str, str], name: str, default: str) -> str:
    """An http address without a path, a query or a closing slash."""
    said = read_text(env, name, default).rstrip("/")
    if not said:
        return ""
    parts = urlsplit(said)
    try:
        plain = parts.port is None or parts.port > 0
    except ValueError:
        plain = False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise BadSetting(f"{name} is {said!r}; it should look like https://texts.example.com")
    if parts.path or parts.query or parts.fragment or parts.username:
        raise BadSetting(f"{name} is {said!r}; give the address alone, without path or password")
    return said
