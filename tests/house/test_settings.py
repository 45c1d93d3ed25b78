"""Settings are read as they are meant, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lotline.config.settings import BadSetting, load_settings, read_secret


def test_nothing_need_be_set() -> None:
    settings = load_settings({})
    assert settings.url == "http://127.0.0.1:8700"
    assert settings.root_key_file == settings.data / "keys" / "root"
    assert not settings.secure
    assert not settings.demo


@pytest.mark.parametrize(
    "name,value",
    [
        ("LOTLINE_URL", "texts.example.com"),
        ("LOTLINE_URL", "ftp://texts.example.com"),
        ("LOTLINE_URL", "https://texts.example.com/inbox"),
        ("LOTLINE_URL", "https://ada:secret@texts.example.com"),
        ("LOTLINE_URL", "https://texts.example.com:port"),
        ("LOTLINE_URL", "https://"),
        ("LOTLINE_DEMO", "maybe"),
        ("LOTLINE_LOG_LEVEL", "loud"),
        ("DATABASE_URL_FILE", "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        load_settings({name: value})


@pytest.mark.parametrize("said,meant", [("yes", True), ("TRUE", True), ("0", False), ("", False)])
def test_yes_and_no(said: str, meant: bool) -> None:
    assert load_settings({"LOTLINE_DEMO": said}).demo is meant


def test_a_closing_slash_is_no_part_of_an_address() -> None:
    settings = load_settings({"LOTLINE_URL": "https://texts.example.com:8443/"})
    assert settings.url == "https://texts.example.com:8443"
    assert settings.host == "texts.example.com"
    assert settings.secure


def test_a_secret_may_come_from_a_file_but_not_from_both(tmp_path: Path) -> None:
    path = tmp_path / "dsn"
    path.write_text("postgresql://x\n")
    assert read_secret({"DATABASE_URL_FILE": str(path)}, "DATABASE_URL") == "postgresql://x"
    with pytest.raises(BadSetting, match="both"):
        read_secret({"DATABASE_URL_FILE": str(path), "DATABASE_URL": "y"}, "DATABASE_URL")
