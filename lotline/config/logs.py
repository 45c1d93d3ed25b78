"""Logs: one JSON object a line, and nothing in it that a customer said or is called.

What is logged is written by us in our own words; what comes from elsewhere (an exception's text, a
driver's message) is left out, because it may quote a row. As a second net, what looks like a
telephone number is blotted out.

Not here: what is worth saying (each module), request ids (`web`).
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

Said = MutableMapping[str, Any]
_NUMBER = re.compile(r"\+?\d[\d\-\s().]{8,}\d")


def set_up_logs(level: str = "info") -> None:
    """For the whole process; the last call counts."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_traces,
            _blotted,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for loud in ("psycopg.pool", "urllib3", "uvicorn.access"):
        logging.getLogger(loud).setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _without_traces(_logger: Any, _name: str, event: Said) -> Said:
    """An exception is named by its class: its text and its locals may hold anything."""
    trouble = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if trouble is True:
        trouble = sys.exc_info()
    if isinstance(trouble, tuple) and trouble[0] is not None:
        event["trouble"] = trouble[0].__name__
    elif isinstance(trouble, BaseException):
        event["trouble"] = type(trouble).__name__
    return event


def _blotted(_logger: Any, _name: str, event: Said) -> Said:
    """What looks like a telephone number is not for a log, wherever it came from."""
    said = event.get("event")
    if isinstance(said, str):
        event["event"] = _NUMBER.sub("[number]", said)
    return event
