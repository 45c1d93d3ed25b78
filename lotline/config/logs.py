"""Logs: one JSON object a line, and nothing in it that a customer said or is called.

What is logged is written by us in our own words; what comes from elsewhere (an exception's text, a
driver's message) is left out, because it may quote a row. As a second net, whatever looks like a
telephone number or an address is blotted out, and what is too long to be a word of ours is cut.

Not here: what is worth saying (each module).
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from lotline.adapters.noise import noise

# It would load what draws colours in a terminal, a tenth of a start, for logs that are JSON.
_drawing = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]  # how Python is told that there is none
import structlog  # noqa: E402  # see above

if _drawing is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _drawing

Said = MutableMapping[str, Any]
Asgi = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

# Ids stay readable: a number in them has a letter or a digit of base 16 beside it.
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])\+?(?:%2B)?\(?\d[\d\-\s().]{5,}\d(?![0-9A-Za-z])")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\b")
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
_QUOTED = re.compile(r"'[^']{25,}'|\"[^\"]{25,}\"")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_HEADER = b"x-request-id"
_LONGEST = 400
_DEEPEST = 4
_ITEMS_MAX = 20
# Asked all the time and counted by metrics: their lines are worth reading when it went wrong.
_QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/", "/hooks/")
_WORTH_SAYING = 400

# structlog's own would look through every variable of the context twice for each call.
_request: ContextVar[str] = ContextVar("request", default="")

log = logging.getLogger("lotline.access")


def set_up_logs(level: str = "info", program: str = "") -> None:
    """For the whole process; the last call counts. `debug` is ours alone: others quote too much."""

    def named(_logger: Any, _name: str, event: Said) -> Said:
        return {**event, "program": program} if program else event

    shared: list[Any] = [
        _with_request,
        named,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow={"request_id"})],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_traces,
            _without_words,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.getLevelName(level.upper()), logging.INFO))
    logging.getLogger("lotline").setLevel(level.upper())
    for loud in ("psycopg.pool", "urllib3", "uvicorn.access"):
        logging.getLogger(loud).setLevel(logging.ERROR)
    for own in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logging.getLogger(own).handlers.clear()  # they print whole traces, past our formatter
        logging.getLogger(own).propagate = True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    if program:
        _name_the_last_words()


def with_request_ids(app: Asgi) -> Asgi:
    """Each request has an id, in its answer and in every line that is logged for it.

    One line is logged at its end: method, path and status. A query is never logged: it is where
    people search for customers.
    """

    async def named(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request_id = _given(scope["headers"]) or noise(16).hex()
        others = [(name, value) for name, value in scope["headers"] if name != _HEADER]
        scope = {**scope, "headers": [*others, (_HEADER, request_id.encode())]}
        begun, status = time.monotonic(), 0

        async def answer(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.get("headers", [])
                if not any(name.lower() == _HEADER for name, _ in headers):
                    message = {**message, "headers": [*headers, (_HEADER, request_id.encode())]}
            await send(message)

        before = _request.set(request_id)
        try:
            await app(scope, receive, answer)
        finally:
            if status >= _WORTH_SAYING or not scope["path"].startswith(_QUIET_PATHS):
                took_ms = round((time.monotonic() - begun) * 1000)
                log.info("%s %s %d in %d ms", scope["method"], scope["path"], status, took_ms)
            _request.reset(before)

    return named


def _with_request(_logger: Any, _name: str, event: Said) -> Said:
    """Which request a line belongs to, where it belongs to one."""
    request_id = _request.get()
    if request_id:
        event["request_id"] = request_id
    return event


def without_words(value: Any, depth: int = 0) -> Any:
    """A value as it may stand in a log: short, and without numbers and addresses."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _blotted(value)
    if depth < _DEEPEST and isinstance(value, Mapping):
        some = list(value.items())[:_ITEMS_MAX]
        return {str(name): without_words(inner, depth + 1) for name, inner in some}
    if depth < _DEEPEST and isinstance(value, Sequence) and not isinstance(value, bytes):
        return [without_words(inner, depth + 1) for inner in value[:_ITEMS_MAX]]
    return f"[{type(value).__name__}]"


def _blotted(words: str) -> str:
    cut = words if len(words) <= _LONGEST else f"{words[:_LONGEST]} [cut]"
    plain = _QUOTED.sub("[quoted]", _ADDRESS.sub("[address]", cut))
    return _NUMBER.sub(lambda found: found[0] if _DAY.match(found[0]) else "[number]", plain)


def _without_words(_logger: Any, _name: str, event: Said) -> Said:
    kept = {"timestamp", "level", "logger", "program", "request_id", "trouble", "at"}
    return {name: value if name in kept else without_words(value) for name, value in event.items()}


def _without_traces(_logger: Any, _name: str, event: Said) -> Said:
    """An exception is named by its class and place: its text and its locals may hold anything."""
    trouble = event.pop("exc_info", None)
    event.pop("stack_info", None)
    event.pop("exception", None)
    if trouble is True:
        trouble = sys.exc_info()
    if isinstance(trouble, BaseException):
        trouble = (type(trouble), trouble, trouble.__traceback__)
    if isinstance(trouble, tuple) and trouble[0] is not None:
        event["trouble"] = trouble[0].__name__
        event["at"] = _place(trouble[2])
    return event


def _place(trace: TracebackType | None) -> str:
    """The last place in our own code, else the last place at all."""
    found = "nowhere"
    ours = ""
    while trace is not None:
        path, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        found = f"{path.rpartition('/')[2]}:{line}"
        if "/lotline/" in path:
            ours = f"lotline/{path.rpartition('/lotline/')[2]}:{line}"
        trace = trace.tb_next
    return ours or found


def _name_the_last_words() -> None:
    """What ends a program or a thread is logged like everything else, not printed with its text."""
    ending = logging.getLogger("lotline.ending")

    def ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            ending.critical("ended by an exception", exc_info=(kind, error, trace))

    def thread_ended(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None:
            ended(given.exc_type, given.exc_value, given.exc_traceback)

    sys.excepthook = ended
    threading.excepthook = thread_ended


def _given(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The proxy's id, when it is a plain one."""
    for name, value in headers:
        if name == _HEADER:
            said = value.decode("ascii", "replace")
            return said if _REQUEST_ID.fullmatch(said) else ""
    return ""
