"""Rights: what may be done here, each by which roles, and which of them bend for one member.

Invariant: everything is refused that is not in the table. A right is given to one member beyond
their role, or taken from it, only where the table says that it bends, and to an auditor only what
changes nothing.

Not here: where it may be done (`roles.Reach`), who gave it (`actions.rights`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A member's role; one each."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    AUDITOR = "auditor"  # reads and exports, never writes


class Right(StrEnum):
    """One thing that may be done."""

    TEXT = "text"
    CONSENT = "consent"
    STOP = "stop"
    UNDO_STOP = "undo_stop"
    ASSIGN = "assign"
    REVIEW = "review"
    APPROVE = "approve"
    REVEAL = "reveal"
    MEMBERS = "members"
    SIGN_OUT = "sign_out"
    PAUSE_LINES = "pause_lines"
    LINES = "lines"
    BROADCAST = "broadcast"
    TEMPLATES = "templates"
    EVIDENCE = "evidence"
    LEDGER = "ledger"
    RULES = "rules"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Granted:
    """What a right is called, which roles have it, and how it bends for one member."""

    says: str
    roles: frozenset[Role]
    given: bool = False  # to a member whose role lacks it
    taken: bool = False  # from a member whose role has it
    reads: bool = False  # changes nothing, so that an auditor may be given it


_WRITES = frozenset({Role.OWNER, Role.MANAGER, Role.STAFF})
_LEADS = frozenset({Role.OWNER, Role.MANAGER})
_READS_ALL = _LEADS | {Role.AUDITOR}
_OWNS = frozenset({Role.OWNER})
_RECORDS = _OWNS | {Role.AUDITOR}

RIGHTS: dict[Right, Granted] = {
    Right.TEXT: Granted("text customers", _WRITES),
    Right.CONSENT: Granted("write down a customer’s yes", _WRITES, given=True, taken=True),
    Right.STOP: Granted("write down a stop", _WRITES),
    Right.UNDO_STOP: Granted(
        "say that a text was misheard as a stop", _LEADS, given=True, taken=True
    ),
    Right.ASSIGN: Granted("give conversations to others", _WRITES, given=True, taken=True),
    Right.REVIEW: Granted("judge flagged texts", _LEADS, given=True, taken=True),
    Right.APPROVE: Granted("let held texts go", _LEADS, given=True, taken=True),
    Right.REVEAL: Granted("reveal what is masked", _LEADS, given=True, taken=True, reads=True),
    Right.MEMBERS: Granted("invite, pause and off-board people", _LEADS, taken=True),
    Right.SIGN_OUT: Granted("sign others out", _LEADS, taken=True),
    Right.PAUSE_LINES: Granted("pause a line", _LEADS, given=True, taken=True),
    Right.LINES: Granted("add and change lines", _OWNS),
    Right.BROADCAST: Granted("send one text to many", _LEADS, given=True, taken=True),
    Right.TEMPLATES: Granted("change what others use as templates", _LEADS, given=True, taken=True),
    Right.EVIDENCE: Granted("export evidence", _READS_ALL, given=True, taken=True, reads=True),
    Right.LEDGER: Granted("read the ledger", _RECORDS),
    Right.RULES: Granted("choose how rules are read", _OWNS),
    Right.ERASE: Granted("erase a customer for ever", _OWNS),
}


class Held(str):
    """A role as one member holds it: its own word, with what was given beyond it and taken.

    It stands wherever a role's word stands, so nobody who asks about a role can forget to ask
    about the member's rights.
    """

    __slots__ = ("given", "taken")
    given: frozenset[Right]
    taken: frozenset[Right]


def held(role: Role | str, given: Iterable[str] = (), taken: Iterable[str] = ()) -> Held:
    """The role with its member's rights. What the table does not bend stays the role's."""
    own = Held(Role(role).value)
    own.given = frozenset(one for one in _known(given) if may_be_given(one, own))
    own.taken = frozenset(one for one in _known(taken) if RIGHTS[one].taken)
    return own


def may(role: Role | str, right: Right) -> bool:
    """Whether the role, as it is held, has the right."""
    if isinstance(role, Held):
        if right in role.taken:
            return False
        if right in role.given:
            return True
    return Role(str(role)) in RIGHTS[right].roles


def may_be_given(right: Right, role: Role | str) -> bool:
    """Whether the table lets this right be given to somebody of this role."""
    granted = RIGHTS[right]
    return granted.given and (granted.reads or Role(str(role)) is not Role.AUDITOR)


def _known(names: Iterable[str]) -> list[Right]:
    """A right that a later version does without is nobody's."""
    every = set(Right)
    return [Right(name) for name in names if name in every]
