"""The town is founded: its company, stores, lines, people, policy and saved replies.

All of it by the acts that a real company's owner would do, months before today.

Not here: what happened since (`living`), how its people sign in (`seeding`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.devices import open_device
from lotline.actions.founding import (
    Founding,
    add_line,
    add_store,
    connect_carrier,
    found_company,
)
from lotline.actions.members import NewMember, Where, add_member
from lotline.actions.policies import adopt_policy, sign_policy
from lotline.actions.templates import Words, add_template
from lotline.actions.training import answer_question, open_quiz, try_card
from lotline.config.demo.content import Content
from lotline.config.demo.past import Past
from lotline.core.people.roles import may_text
from lotline.core.policy.course import load_course
from lotline.core.policy.wording import ready_policy
from lotline.store.carrier_accounts import CarrierAccount
from lotline.store.lines import NewLine
from lotline.store.shown import Viewer
from lotline.store.viewer import load_viewer

if TYPE_CHECKING:
    from lotline.actions.context import Context

AGE = timedelta(days=100)
DESKS = ("Windows, Chrome", "Mac, Safari", "Windows, Edge")


@dataclass
class Town:
    """What was built, by the keys of town.toml."""

    past: Past
    content: Content
    accounts: dict[str, UUID]  # by member
    group_id: UUID = field(default_factory=lambda: UUID(int=0))
    stores: dict[str, UUID] = field(default_factory=dict)
    lines: dict[str, UUID] = field(default_factory=dict)
    members: dict[str, UUID] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)
    _sessions: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> Viewer:
        return self.viewers[self.content.members[0]["key"]]

    def on_line(self, line: str) -> Viewer:
        """Somebody who texts from it."""
        line_id = self.lines[line]
        writers = [one for one in self.viewers.values() if one.role == "staff"]
        return next(one for one in writers if line_id in one.line_ids)

    def open(self, key: str, label: str) -> None:
        """They sign in. No browser holds the key of such a session, so nobody can use it."""
        self._sessions[key] = secrets.token_urlsafe(24)
        account, session = self.accounts[key], self._sessions[key]
        open_device(self.past.ctx, account, session, label=label, address="192.0.2.17")
        self.look(key)

    def look(self, key: str) -> None:
        """Who somebody is by now. In the past nobody's screen locks itself while they work."""
        now = self.past.clock()
        found = load_viewer(self.past.db, self.accounts[key], self._sessions[key], now)
        assert found is not None, "who just signed in is somebody"
        self.viewers[key] = replace(found, locked=False)


def build(town: Town, *, settings: dict[str, Any], carrier: CarrierAccount) -> None:
    """From nothing to a company whose people have signed and may text."""
    content, ctx = town.content, town.past.ctx
    first = content.members[0]
    assert first["role"] == "owner", "the first member of town.toml owns the company"
    founded = found_company(
        ctx,
        Founding(
            company=content.company["name"],
            origin=content.company["email_domain"],
            owner=first["name"],
            account_id=town.accounts[first["key"]],
            hue=first["hue"],
            settings=settings,
        ),
    )
    town.group_id = founded.group_id
    town.members[first["key"]] = founded.member_id
    town.open(first["key"], DESKS[0])
    _places(town, carrier)
    town.look(first["key"])
    _people(town)
    _papers(town)


def _places(town: Town, carrier: CarrierAccount) -> None:
    ctx, content = town.past.ctx, town.content
    connect_carrier(ctx, town.owner, carrier)
    for store in content.stores:
        town.stores[store["key"]] = add_store(
            ctx,
            town.owner,
            name=store["name"],
            zone=store["zone"],
            place=store["place"],
            open_hours=store["open"],
        )
    for line in content.lines:
        new = NewLine(
            id=ctx.new_id(),
            store_id=town.stores[line["store"]],
            label=line["label"],
            number=line["number"],
            account=carrier.account,
            target_s=line.get("target_s", 300),
        )
        town.lines[line["key"]] = add_line(ctx, town.owner, new)


def _people(town: Town) -> None:
    town.past.clock.pass_by(3600)
    for one in town.content.members[1:]:
        where = Where(
            stores=frozenset(town.stores[key] for key in one.get("stores", ())),
            lines=frozenset(town.lines[key] for key in one.get("lines", ())),
        )
        new = NewMember(one["name"], one["role"], where, town.accounts[one["key"]], hue=one["hue"])
        town.members[one["key"]] = add_member(town.past.ctx, town.owner, new)
    for n, one in enumerate(town.content.members[1:]):
        town.open(one["key"], DESKS[n % len(DESKS)])


def take_course(ctx: Context, viewer: Viewer) -> None:
    """Every card, and a quiz with every answer right."""
    course = load_course()
    for card in course.cards:
        try_card(ctx, viewer, card.id, card.example)
    quiz = open_quiz(ctx, viewer)
    for name in quiz.questions:
        asked = course.question(name)
        assert asked is not None, "a quiz is drawn from the course"
        answer_question(ctx, viewer, quiz.id, name, asked.right)


def _papers(town: Town) -> None:
    """The policy, who signed it and who passed the training, and the shared replies."""
    ctx, clock = town.past.ctx, town.past.clock
    clock.pass_by(3600)
    version = adopt_policy(ctx, town.owner, ready_policy())
    for one in town.content.members:
        clock.pass_by(240)
        viewer = town.viewers[one["key"]]
        if may_text(viewer.role):
            take_course(ctx, viewer)
        if not one.get("unsigned"):
            sign_policy(ctx, viewer, version, viewer.name)
    for reply in town.content.templates:
        clock.pass_by(60)
        words = Words(reply["shortcut"], reply["title"], reply["body"], reply["purpose"])
        add_template(ctx, town.owner, words, shared=True)
    for one in town.content.members:
        town.look(one["key"])
