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
    named: Callable[[], Any] | str = settings.LOTLINE_CONTEXT
    maker: Callable[[], Any] = import_string(named) if isinstance(named, str) else named
    return maker()
