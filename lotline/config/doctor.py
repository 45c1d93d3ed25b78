"""`lotline doctor`: looks at everything, says how it is, and what to do about what is not well.

Exit 0: nothing is broken (there may be warnings). 1: something is. Nothing is changed, nothing is
sent, and one thing that cannot be asked does not keep the others from being looked at.

Not here: the looking (`examine_machine`, `examine_database`, `examine_traffic`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from lotline.config.databases import known_dsns, opened
from lotline.config.examine_database import examine_database
from lotline.config.examine_machine import examine_machine
from lotline.config.examine_traffic import examine_traffic
from lotline.config.examined import Examined, Mark, bad, fine
from lotline.config.logs import set_up_logs
from lotline.config.processes import CannotStart
from lotline.config.settings import BadSetting, Settings, load_settings
from lotline.config.wiring import build_context

_SIGNS = {Mark.OK: "ok  ", Mark.WARN: "WARN", Mark.FAIL: "FAIL"}


def run(words: list[str]) -> int:
    parser = argparse.ArgumentParser("lotline doctor", description="what is well and what is not")
    parser.add_argument("--json", action="store_true", help="a list of objects, for programs")
    parser.add_argument("--quick", action="store_true", help="without walking the whole log")
    asked = parser.parse_args(words)
    set_up_logs("error")
    found = []
    for one in examine(whole_log=not asked.quick):
        found.append(one)
        if not asked.json:
            print(render(one), flush=True)
    marks = [one.mark for one in found]
    if asked.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    else:
        print(
            f"\n{marks.count(Mark.FAIL)} broken, {marks.count(Mark.WARN)} to look at, "
            f"{marks.count(Mark.OK)} well"
        )
    return int(Mark.FAIL in marks)


def examine(*, whole_log: bool) -> Iterator[Examined]:
    """Everything, in the order in which one thing stands on another."""
    try:
        settings = load_settings()
    except BadSetting as error:
        yield bad("settings", str(error), "see docs/operating/settings.md")
        return
    yield fine("settings", f"read; data in {settings.data}")
    keys_open = True
    for one in _all_of("machine", lambda: examine_machine(settings)):
        keys_open = keys_open and not (one.what == "root key" and one.mark is Mark.FAIL)
        yield one
    yield from _all_of(
        "database", lambda: _inside(settings, keys_open=keys_open, whole_log=whole_log)
    )


def _inside(settings: Settings, *, keys_open: bool, whole_log: bool) -> Iterator[Examined]:
    known_dsns(settings)  # where there is no database, none is made
    with opened(settings):
        broken = False
        for one in examine_database(known_dsns(settings)):
            broken = broken or one.mark is Mark.FAIL
            yield one
        if broken or not keys_open:
            return  # nothing more could be read
        ctx = build_context(settings, connections=2)
        try:
            yield from examine_traffic(ctx, settings, whole_log=whole_log)
        finally:
            ctx.db.close()


def _all_of(what: str, look: Callable[[], Iterable[Examined]]) -> Iterator[Examined]:
    try:
        yield from look()
    except CannotStart as error:
        yield bad(what, str(error), "")
    except Exception as error:  # noqa: BLE001  # a doctor says what it could not look at, and why
        print(f"lotline: {type(error).__name__}", file=sys.stderr)
        yield bad(
            what,
            f"could not be looked at: {type(error).__name__}",
            "that is a fault of ours; `lotline doctor --json` belongs in its report",
        )


def render(one: Examined) -> str:
    """One line, and one more where something can be done."""
    line = f"{_SIGNS[one.mark]}  {one.what}: {one.says}"
    return f"{line}\n      -> {one.do}" if one.do else line
