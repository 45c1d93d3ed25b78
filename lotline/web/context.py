"""The way from a request to what it acts with: the Context of the process, chosen by config.

Web may not import config, so config names its maker in Django's settings and it is called once
a request, cached over there. Tests name their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def the_context() -> Any:
    """The process's `actions.context.Context`."""
    return _made(settings.LOTLINE_CONTEXT)


def the_way_out() -> Any:
    """A session that calls what an owner typed, and nothing inside a network."""
    return _made(settings.LOTLINE_WAY_OUT)


def _made(named: Callable[[], Any] | str) -> Any:
    maker: Callable[[], Any] = import_string(named) if isinstance(named, str) else named
    return maker()
