"""Roles: what a member may do, and in which stores and on which lines.

Invariant: everything is refused that is not named here. A role says what, a reach says where, and
whoever acts needs both.

Not here: whether a member is active, signed and trained (`policy.entitlement`), sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lotline.core.people.rights import Held, Right, Role, may

__all__ = ["Reach", "Role"]  # and the questions below, one for each right

_EVERYWHERE = frozenset({Role.OWNER, Role.AUDITOR})
_LEADS = frozenset({Role.OWNER, Role.MANAGER})


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a member may act: whole stores with all their lines, and single lines."""

    role: Role
    stores: frozenset[UUID] = frozenset()
    lines: frozenset[UUID] = frozenset()

    def reaches(self, *, store_id: UUID, line_id: UUID | None = None) -> bool:
        """Whether the store, or the line of that store, is within reach."""
        if self.role in _EVERYWHERE or store_id in self.stores:
            return True
        return line_id is not None and line_id in self.lines


def may_text(role: Role | str) -> bool:
    """Send texts to customers, where they reach."""
    return may(role, Right.TEXT)


def may_read(reach: Reach, *, store_id: UUID, line_id: UUID) -> bool:
    """Read the conversations of a line."""
    return reach.reaches(store_id=store_id, line_id=line_id)


def may_text_from(reach: Reach, *, store_id: UUID, line_id: UUID) -> bool:
    """Text from a line."""
    return may_text(reach.role) and reach.reaches(store_id=store_id, line_id=line_id)


def may_record_consent(role: Role | str) -> bool:
    """Write down a customer's yes, with its proof."""
    return may(role, Right.CONSENT)


def may_record_stop(role: Role | str) -> bool:
    """Write down a stop: whoever hears of one must be able to, so only readers can't."""
    return may(role, Right.STOP)


def may_undo_heard_stop(role: Role | str) -> bool:
    """Say that a text was misheard as a stop. Not whoever wants to text the customer."""
    return may(role, Right.UNDO_STOP)


def may_assign(role: Role | str) -> bool:
    """Give a conversation to a member."""
    return may(role, Right.ASSIGN)


def may_review(role: Role | str) -> bool:
    """Judge flagged texts and coach their senders."""
    return may(role, Right.REVIEW)


def may_approve(role: Role | str) -> bool:
    """Let a text go that was held for a person."""
    return may(role, Right.APPROVE)


def may_reveal(role: Role | str) -> bool:
    """See what is masked on screen; each time is recorded."""
    return may(role, Right.REVEAL)


def may_manage_members(role: Role | str) -> bool:
    """Invite, suspend and off-board, within reach."""
    return may(role, Right.MEMBERS)


def may_give_role(giver: Role | str, given: Role | str) -> bool:
    """Nobody gives more than they have: owners and auditors see the whole company."""
    if Role(giver) is Role.OWNER:
        return True
    leads = Role(giver) is Role.MANAGER and may(giver, Right.MEMBERS)
    return leads and Role(given) in (Role.MANAGER, Role.STAFF)


def may_sign_out_others(role: Role | str) -> bool:
    """End another member's sessions, as when a phone is lost."""
    return may(role, Right.SIGN_OUT)


def may_pause_lines(role: Role | str) -> bool:
    """Stop a line at once, and start it again."""
    return may(role, Right.PAUSE_LINES)


def may_manage_lines(role: Role | str) -> bool:
    """Add lines and change how they reach their carrier."""
    return may(role, Right.LINES)


def may_broadcast(role: Role | str) -> bool:
    """Send one text to many."""
    return may(role, Right.BROADCAST)


def may_edit_templates(role: Role | str) -> bool:
    """Change the templates that others use."""
    return may(role, Right.TEMPLATES)


def may_export_evidence(role: Role | str) -> bool:
    """Hand a contact's bundle to an outsider."""
    return may(role, Right.EVIDENCE)


def may_read_ledger(role: Role | str) -> bool:
    """See who did what, and the checkpoints."""
    return may(role, Right.LEDGER)


def may_change_rules(role: Role | str) -> bool:
    """Choose a profile of the rulebook, or loosen what is contested, on counsel's word."""
    return may(role, Right.RULES)


def may_erase(role: Role | str) -> bool:
    """Erase a contact for ever."""
    return may(role, Right.ERASE)


def must_use_second_factor(role: Role | str) -> bool:
    """Whoever leads, or was given more than their role, signs in with a second factor."""
    return Role(role) in _LEADS or bool(isinstance(role, Held) and role.given)
