"""The door to django-stubs: opened only once the settings it must read exist.

Not here: any judgement of our own about types.
"""

from __future__ import annotations

from pathlib import Path

from mypy.plugin import Plugin

SETTINGS = Path(__file__).resolve().parents[2] / "lotline" / "config" / "django_settings.py"


def plugin(version: str) -> type[Plugin]:
    if not SETTINGS.exists():
        return Plugin
    from mypy_django_plugin.main import plugin as django_plugin

    return django_plugin(version)
