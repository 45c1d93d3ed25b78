"""Everything that a customer of Elm Street could be known by, and everybody who may not know it.

The routes are walked from Django's own router, so that a page that somebody adds tomorrow is
attacked tomorrow. A route whose address holds a name that is not known here fails the test.

Not here: what is expected of whom (`test_outsiders`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lotline.actions import bring
from lotline.actions.bring_keep import keep
from lotline.actions.consent import add_consent
from lotline.actions.context import Context
from lotline.actions.devices import end_device, lock
from lotline.actions.drafts import save_draft
from lotline.actions.holds import place_hold
from lotline.actions.identity import make_token, name_provider
from lotline.actions.leaving import Successor, let_go
from lotline.actions.members import suspend
from lotline.actions.notes import add_note
from lotline.actions.optin_pages import page_of, write_wording
from lotline.actions.programs import Choice, make_program
from lotline.actions.provisioning import add_group
from lotline.actions.provisioning_calls import admit
from lotline.actions.review import Word, flag_text, judge
from lotline.actions.tablets import share
from lotline.actions.templates import Words, add_template
from lotline.actions.webhooks import make_webhook
from lotline.core.base.numbers import shown
from lotline.core.consent.wording import first_wording
from lotline.core.messaging.phone import Export, PhoneText
from lotline.core.people.programs import Scope
from lotline.core.policy.course import load_course
from lotline.store.accounts import record_account
from lotline.store.bring import load_threads
from lotline.store.members import record_member, record_reach
from lotline.store.shown import Viewer
from tests.web.site import Site

PHONE, NAME = "+16145550147", "Philippa Ravenscroft"
SECOND, OTHER = "+16145550148", "Quentin Abernathy"
SAID = "Is the marzipan-coloured coupe still there?"
ANSWERED = "The zeppelin hangar has it, come by."
HELD = "Your gyroscope is ready on Thursday."
NOTED = "Prefers ukulele music in the showroom."
DRAFTED = "Half a walrus sentence"
PROVED = "Agreed beside the xylophone stand."
SHORTCUT, TEMPLATE = "quokka", "Ask for the quokka desk when you come."

# A word that is in nothing else of the product, for each thing that could leak.
SECRETS = tuple(
    {
        *("Philippa", "Ravenscroft", "Quentin", "Abernathy"),
        *("6145550147", "6145550148", shown(PHONE), shown(SECOND), "555-0147", "555-0148"),
        *(
            "marzipan",
            "zeppelin",
            "gyroscope",
            "ukulele",
            "walrus",
            "xylophone",
            "quokka",
            "saxophone",
        ),
    }
)
_CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the router, filled in with what belongs to Elm Street."""

    pattern: str
    path: str
    view: Callable[..., Any]

    @property
    def who(self) -> str | None:
        return getattr(self.view, "lotline_who", None)

    @property
    def from_library(self) -> bool:
        return self.view.__module__.startswith("allauth.")


BROUGHT = "The saxophone was on my own phone."


def _brought(ctx: Context, ben: Viewer, ada: Viewer) -> dict[str, str]:
    """What Ben had on his own phone, come over, and once more, to be chosen; a shared tablet."""

    def read(_tell: Callable[[int], None]) -> Iterator[PhoneText]:
        yield PhoneText(PHONE, "in", ctx.now() - timedelta(days=40), BROUGHT)

    contact = None
    for _ in range(2):
        export = Export("android", 1, read)
        made = bring.begin(ctx, ben, "android", 1)
        bring.read(ctx, ben, made, export)
        with ctx.db.transaction(ben.group_id) as tx:
            threads = load_threads(tx, ben, made)
        contact = threads[0].contact_id
        if threads[0].row.fresh:
            keep(ctx, ben, made, [contact])
    tablet_id = share(ctx, ada, "Showroom", "secret")
    return {"bringing_id": str(made), "tablet_id": str(tablet_id)}


@dataclass
class Elm:
    """Elm Street's customers, with everything that a page could show of them."""

    site: Site
    ids: dict[str, str] = field(default_factory=dict)
    people: dict[str, Client] = field(default_factory=dict)

    def furnish(self) -> None:
        site, town, ctx = self.site, self.site.town, self.site.house.ctx
        talk = town.meet(PHONE, NAME, by="ben", line="sales", how="texted_us")
        other = town.meet(SECOND, OTHER, by="bea", line="service", how="texted_us")
        site.house.text_in(PHONE, SAID)
        site.house.text_in(SECOND, SAID, line="service")
        answered = site.house.tap(PHONE, ANSWERED)
        town.clock.pass_by(seconds=11)
        site.house.dispatch()
        held = site.house.tap(PHONE, HELD, send_at=town.clock() + timedelta(days=2))
        ben, ada = town.sign_in("ben"), town.sign_in("ada")
        add_note(ctx, ben, talk, NOTED)
        save_draft(ctx, ben, talk, DRAFTED)
        save_draft(ctx, ada, talk, DRAFTED)
        contact = site.house.ask("select contact_id from conversations where id = %s", talk)[0][0]
        add_consent(
            ctx,
            ben,
            contact,
            kind="express",
            scope="offers",
            source="in_person",
            said_at=town.clock(),
            words=PROVED,
        )
        words = Words(SHORTCUT, "Where to come", TEMPLATE)
        template = add_template(ctx, ada, words, shared=True, store_id=town.stores["elm"])
        write_wording(ctx, ada, first_wording(ada.company))
        site.house.text_in(PHONE, "not interested")
        question = site.house.ask("select id from heard_questions")[0][0]
        mo = town.sign_in("mo", "mos-own")
        everything = tuple(one.value for one in Scope)
        program = make_program(ctx, ada, Choice("DMS", everything, whole_group=True))
        hold = place_hold(ctx, ada, "line", town.lines["dock"], reason=PROVED, counsel="R. V.")
        url = "https://crm.example.com/texts"
        hook = make_webhook(ctx, ada, url=url, kinds=["text.in"], words=True)
        self.ids = {
            "conversation_id": str(talk),
            "contact_id": str(contact),
            "text_id": str(held.text_id),
            "member_id": str(town.members["ben"]),
            "device_id": str(mo.device_id),
            "line_id": str(town.lines["sales"]),
            "template_id": str(template),
            "question_id": str(question),
            **self._flagged(ben, mo, answered.text_id, held.text_id),
            "program_id": str(program.program_id),
            "hook_id": str(hook.webhook_id),
            "hold_id": str(hold),
            "rule_id": next(iter(ctx.book.rules)),
            "slug": page_of(ctx, ben, town.lines["sales"]),
            "token": signing.dumps([str(town.accounts["ben"]), "x"], salt="lotline.invitation"),
            "card_id": load_course().cards[0].id,
            "number": "1",
            "pk": "1",
            "key": "1",
        }
        self.ids |= self._directory(ada) | _brought(ctx, ben, ada)
        assert other != talk

    def _directory(self, ada: Viewer) -> dict[str, str]:
        """An identity provider with a token and a group."""
        ctx = self.site.house.ctx
        provider = name_provider(ctx, ada, "Elm directory")
        token = make_token(ctx, ada)
        group = add_group(ctx, admit(ctx, token.token), {"name": "Sales"}, ())
        return {
            "place": "Users",
            "provider_id": str(provider),
            "token_id": str(token.token_id),
            "provider_group_id": str(group),
        }

    def _flagged(self, by: Viewer, judged_by: Viewer, *texts: UUID) -> dict[str, str]:
        """A teammate has asked for each to be read; for the first the sender was coached."""
        ctx, ask = self.site.house.ctx, self.site.house.ask
        assert all(flag_text(ctx, by, text) for text in texts)
        flags = [row[0] for row in ask("select id from flags order by id")]
        judge(ctx, judged_by, flags[0], Word("coach", "Mind the zeppelin."))
        coached = ask("select id from refreshers")[0][0]
        return {"flag_id": str(flags[-1]), "refresher_id": str(coached)}

    def invite_everybody(self) -> None:
        """Those who may not know: each is somebody, and none of them is from here."""
        site, town, ctx = self.site, self.site.town, self.site.house.ctx
        self._hire("dot", "manager", store="dock")
        self._hire("sue", "staff", line="sales")
        self._hire("eve", "owner")
        self._hire("gus", "staff", line="sales")
        self._hire("lou", "owner")
        clients = {who: site.client(who) for who in ("ada", "mo", "ben", "cy", "dot", "noor")}
        page = f"/c/{self.ids['conversation_id']}/"
        for who in ("sue", "eve", "lou", "gus"):
            clients[who] = site.client(who)
            assert NAME in clients[who].get(page).content.decode(), f"{who} was one of us"
        ada = town.sign_in("ada")
        suspend(ctx, ada, town.members["sue"], "left")
        let_go(ctx, ada, town.members["gus"], Successor())
        end_device(ctx, ada, self._viewer("eve").device_id, "lost")
        lock(ctx, self._viewer("lou"))
        self.people = {
            "nobody": Client(),
            "suspended": clients["sue"],
            "leaver": clients["gus"],
            "ended device": clients["eve"],
            "locked device": clients["lou"],
            "staff of another line": clients["cy"],
            "manager of another store": clients["dot"],
            "auditor": clients["noor"],
            "owner": clients["ada"],
            "manager": clients["mo"],
            "staff": clients["ben"],
        }

    def _viewer(self, who: str) -> Any:
        from lotline.store.viewer import load_viewer

        ctx, town = self.site.house.ctx, self.site.town
        viewer = load_viewer(ctx.db, town.accounts[who], self.site._keys[who], ctx.now())
        assert viewer is not None
        return viewer

    def _hire(self, who: str, role: str, *, store: str = "", line: str = "") -> None:
        town, ctx = self.site.town, self.site.house.ctx
        town.members[who], town.accounts[who] = ctx.new_id(), ctx.new_id()
        with ctx.db.transaction(town.group_id) as tx:
            record_member(tx, town.members[who], who.title(), role, at=ctx.now())
            record_reach(
                tx,
                town.members[who],
                store_ids=[town.stores[store]] if store else [],
                line_ids=[town.lines[line]] if line else [],
                new_id=ctx.new_id,
            )
            tx.run("accounts.seat", account_id=town.accounts[who], member_id=town.members[who])
        record_account(ctx.ring.root, town.accounts[who], f"{who}@elmdock.example", "a long word")

    def routes(self) -> list[Route]:
        """Every address that the router knows, with Elm Street's own in it."""
        return list(self._walk(get_resolver().url_patterns, ""))

    def _walk(self, patterns: list[Any], before: str) -> Iterator[Route]:
        for one in patterns:
            whole = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from self._walk(one.url_patterns, whole)
            else:
                assert isinstance(one, URLPattern)
                yield Route(whole, "/" + _CONVERTER.sub(self._fill, whole), one.callback)

    def _fill(self, found: re.Match[str]) -> str:
        name = found[2]
        assert name in self.ids, f"tell the outsiders' test what <{name}> of {found.string} is"
        return self.ids[name]

    def form(self) -> dict[str, str]:
        """One form that every view finds something in."""
        other = UUID(int=7)
        return {
            "body": "May I come in?",
            "client_id": str(other),
            "anyway": "1",
            "purpose": "reply",
            "c": self.ids["conversation_id"],
            "ids": self.ids["conversation_id"],
            "id": self.ids["conversation_id"],
            "conversation": self.ids["conversation_id"],
            "do": "done",
            "act": "edit",
            "to": str(self.site.town.members["cy"]),
            "member": str(self.site.town.members["cy"]),
            "until": "2026-11-25T09:00",
            "kind": "express",
            "scope": "offers",
            "source": "in_person",
            "words": "They said yes.",
            "how": "phone",
            "name": "Mallory",
            "zip": "43215",
            "role": "owner",
            "line": self.ids["line_id"],
            "reason": "because",
            "sent": "yes",
            "what": "all",
            "theme": "dark",
            "password": "nothing that anybody has",
        }
