"""The `lotline` command: a table of names, each with the function that answers to it.

A command is imported only when it is asked for, so `lotline verify` needs neither a database nor
a framework. A command of kind CONTEXT is handed the wired application; a pure one only its words.

Not here: what the commands do (`cli`, or the modules of this package that run things).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from lotline.config.processes import CannotStart
from lotline.config.settings import BadSetting

WIRED = "lotline.config.wiring:opened_context"


class Needs(Enum):
    NOTHING = auto()
    CONTEXT = auto()  # `wiring.opened_context()`: a database, keys, a clock


@dataclass(frozen=True, slots=True)
class Command:
    target: str
    says: str
    needs: Needs = Needs.NOTHING


COMMANDS = {
    "up": Command("lotline.config.up:run", "run it all: database, web, worker, simulator"),
    "prepare": Command("lotline.config.prepare:run", "roles and tables, and with --demo the town"),
    "migrate": Command("lotline.config.prepare:migrate", "bring the tables to today; --check"),
    "doctor": Command("lotline.config.doctor:run", "check the installation and say what to do"),
    "verify": Command("lotline.cli.verify:run", "check an evidence bundle, offline"),
    "gate": Command("lotline.cli.gate:run", "decide the scenarios of a file"),
    "hear": Command("lotline.cli.hear:run", "what the texts of a file ask for"),
    "purpose": Command("lotline.cli.purpose:run", "what the texts of a file are for"),
    "bench": Command("lotline.config.bench:run", "measure; --json"),
    "backup": Command("lotline.config.backup:backup", "write everything to one file"),
    "restore": Command("lotline.config.restoring:restore", "put such a file back"),
    "replay": Command("lotline.cli.replay:run", "decide again what was decided", Needs.CONTEXT),
    "rules": Command("lotline.cli.rules:run", "what a rulebook would change", Needs.CONTEXT),
    "lists": Command("lotline.cli.lists:run", "bring in a list of numbers", Needs.CONTEXT),
    "keys": Command("lotline.cli.keys:run", "show and rotate keys", Needs.CONTEXT),
    "evidence": Command("lotline.cli.evidence:run", "the bundle for one contact", Needs.CONTEXT),
    "words": Command("lotline.cli.words:run", "make older texts findable", Needs.CONTEXT),
    "erase": Command("lotline.cli.erase:run", "erase one contact for ever", Needs.CONTEXT),
    "retention": Command("lotline.cli.retention:run", "what is too old to keep", Needs.CONTEXT),
}


def main(argv: list[str] | None = None) -> int:
    """0 done, 1 the command says no, 2 it could not be asked like that."""
    words = sys.argv[1:] if argv is None else argv
    name = words[0] if words else "help"
    if name in {"help", "-h", "--help"}:
        print(render_help())
        return 0
    command = COMMANDS.get(name)
    if command is None:
        return _refuse(f"there is no command {name!r}; `lotline help` lists them")
    answer = find(command.target)
    if answer is None:
        return _refuse(f"`lotline {name}` is not in this version")
    try:
        return _call(command, answer, words[1:])
    except (BadSetting, CannotStart) as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # Whoever read our output has read enough; Python must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _call(command: Command, answer: Callable[..., int], words: list[str]) -> int:
    if command.needs is Needs.NOTHING:
        return answer(words)
    opened: Callable[[], AbstractContextManager[object]] | None = find(WIRED)
    if opened is None:
        return _refuse("this version is not wired to a database")
    with opened() as context:
        return answer(context, words)


def exists(target: str) -> bool:
    """Whether this version has the module that a target names."""
    try:
        return importlib.util.find_spec(target.partition(":")[0]) is not None
    except ModuleNotFoundError:
        return False


def find(target: str) -> Callable[..., Any] | None:
    """The function a target names, or None when this version has no such module."""
    if not exists(target):
        return None
    module_name, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module_name), name)
    return found


def render_help() -> str:
    """The commands that this version has."""
    here = {name: command for name, command in COMMANDS.items() if exists(command.target)}
    width = max(map(len, here))
    lines = [f"  lotline {name:<{width}}  {command.says}" for name, command in here.items()]
    return "\n".join(["Lotline: business texting that a company can trust.", "", *lines])


def _refuse(why: str) -> int:
    print(f"lotline: {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
