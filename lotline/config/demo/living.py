"""What happened in the town, moment by moment, done by the product's own acts.

Customers' texts are received and heard, members' texts are submitted, decided, handed over and
their receipts folded, so each text has the decision it would have had on its day.

Not here: what is written to happen (town.toml), the company itself (`building`).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from lotline.actions.consent import add_consent
from lotline.actions.contacts import start_conversation
from lotline.actions.conversations import assign, mark_done, snooze
from lotline.actions.dispatch import claim, prepare
from lotline.actions.drafts import save_draft
from lotline.actions.notes import add_note
from lotline.actions.outcome import record_outcomes
from lotline.actions.receipts import Heard, take_receipts
from lotline.actions.receive import Verified, receive
from lotline.actions.submit import Submitted, preview, submit
from lotline.actions.undo import undo
from lotline.config.demo.signing import sign_access
from lotline.core.base.numbers import parse_number
from lotline.core.base.places import Place, place_of, state_name
from lotline.core.carriers.port import Arrival, Media, Receipt, ReceiptWord
from lotline.core.gate.decision import Verdict
from lotline.store.contacts import find_contact, record_contact
from lotline.store.conversations import record_happening
from lotline.store.events import record_event
from lotline.store.imported import record_imported

if TYPE_CHECKING:
    from lotline.config.demo.building import Town
    from lotline.config.demo.content import Moment, Person
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

AN_ANSWER_IS_DUE = timedelta(hours=24)
FRESH = timedelta(minutes=200)
LOOKED_AT = timedelta(days=30)  # ago: the owner's look at what opens for whom
PUT_AWAY_AFTER = timedelta(hours=20)
MORNING = time(9, 0)
PHONES = ("iPhone, Safari", "Android, Chrome")
WHY = "About what they have with us already"
# The carrier's words on a text, by how its line in the log begins.
WORDS = {
    "out": (ReceiptWord.DELIVERED,),
    "sent": (ReceiptWord.SENT,),
    "taken": (),
    "lost": (),
    "fail": (ReceiptWord.UNDELIVERED,),
    "conflict": (ReceiptWord.DELIVERED, ReceiptWord.UNDELIVERED),
}
OUTGOING = {*WORDS, "try", "hold", "wait", "undone"}


class Living:
    """The hands that make it happen."""

    def __init__(self, town: Town, *, photo_url: str) -> None:
        self.town = town
        self.ctx = town.past.ctx
        self.clock = town.past.clock
        self._photo_url = photo_url
        self._conversations: dict[str, UUID] = {}  # by number
        self._last_in: dict[str, datetime] = {}
        self._phones_open = False
        self._looked_at = False

    def live(self) -> None:
        """All of it, up to today."""
        for person, moment in self.town.content.timeline():
            self.come_to(moment.at)
            if person.number not in self._conversations:
                self._meet(person, moment)
            else:
                self._do(person, moment)
            if moment is person.log[-1]:
                self._put_away(person)
        self.come_to(self.clock.today)
        for person in self.town.content.people:
            self._leave(person)
        self._read()

    def come_to(self, moment: datetime) -> None:
        """Let the worker do what was due until then."""
        self._work()
        self.clock.come_to(moment)
        self._work()
        if not self._looked_at and self.clock.today - moment < LOOKED_AT:
            self._looked_at = True
            sign_access(self.ctx, self.town.owner)
        if not self._phones_open and self.clock.today - moment < FRESH:
            self._phones_open = True
            for n, one in enumerate(self.town.content.members):
                self.town.open(one["key"], PHONES[n % len(PHONES)])

    # --- customers ---------------------------------------------------------------------------

    def _meet(self, person: Person, moment: Moment) -> None:
        """Known from the dealer's own system by the time of the first word."""
        number = parse_number(person.number)
        with self.ctx.db.transaction(self.town.group_id) as tx:
            place = _place(person)
            if person.name:
                record_contact(
                    tx,
                    self.ctx.new_id(),
                    number,
                    at=self.clock(),
                    place=place,
                    name=person.name,
                    place_shown=person.place
                    or " or ".join(state_name(code) for code in place.states[:2]),
                    zip_code=person.zip_code,
                )
        if moment.kind != "in":
            start_conversation(
                self.ctx,
                self._whose(person),
                number=person.number,
                name=person.name,
                line_id=self.town.lines[person.line],
                zip_code=person.zip_code,
            )
            self._know(person)
        self._do(person, moment)
        self._know(person)
        answered_by = {one.words[0] for one in person.log if one.kind in WORDS}
        if moment.kind == "in" and person.assignee and person.assignee not in answered_by:
            self._assign(person)

    def _know(self, person: Person) -> None:
        with self.ctx.db.transaction(self.town.group_id) as tx:
            found = find_contact(tx, person.number)
            assert found is not None, "who wrote or was written to is known"
            line_id = self.town.lines[person.line]
            row = tx.only("conversations.between", contact_id=found.contact_id, line_id=line_id)
            self._conversations[person.number] = row.id
            if person.card or person.bought or person.language != "en":
                record_imported(
                    tx,
                    found.contact_id,
                    card=person.card,
                    language=person.language,
                    bought_on=person.bought,
                )

    def _assign(self, person: Person) -> None:
        who = self.town.viewers[person.assignee]
        lead = next(
            one
            for one in self.town.viewers.values()
            if one.role == "manager" and self.town.lines[person.line] in one.line_ids
        )
        assign(self.ctx, lead, self._conversations[person.number], who.member_id)

    def _whose(self, person: Person) -> Viewer:
        if person.assignee:
            return self.town.viewers[person.assignee]
        return self.town.on_line(person.line)

    # --- moments -----------------------------------------------------------------------------

    def _do(self, person: Person, moment: Moment) -> None:
        if moment.kind == "in":
            self._text_in(person, moment.words)
        elif moment.kind in OUTGOING:
            self._text_out(person, moment)
        elif moment.kind == "consent":
            self._agree(person, moment.words)
        elif moment.kind == "note":
            who, words = moment.words
            add_note(self.ctx, self.town.viewers[who], self._conversations[person.number], words)
        else:
            assert moment.kind == "event", f"town.toml: a line of a log is no {moment.kind}"
            self._happen(person, moment.words[0])

    def _text_in(self, person: Person, words: tuple[str, ...]) -> None:
        body, *with_it = words
        carrier = self.town.past.carrier
        line = next(one for one in self.town.content.lines if one["key"] == person.line)
        media = (Media(self._photo_url, "image/png"),) if "photo" in with_it else ()
        arrival = Arrival(
            carrier=carrier.name,
            account=carrier.account,
            carrier_id=carrier.new_sid(),
            from_number=person.number,
            to_number=line["number"],
            body=body,
            at=self.clock(),
            media=media,
        )
        form = {"From": person.number, "To": line["number"], "Body": body}
        raw = urlencode({"MessageSid": arrival.carrier_id, **form})
        line_id = self.town.lines[person.line]
        receive(self.ctx, [Verified(self.town.group_id, line_id, arrival, raw)])
        self._last_in[person.number] = self.clock()
        self.clock.pass_by(1)
        self._work()

    def _text_out(self, person: Person, moment: Moment) -> None:
        who, body, *more = moment.words
        viewer, conversation_id = self.town.viewers[who], self._conversations[person.number]
        purpose = self._purpose(person, offer="offer" in more or moment.kind in {"try", "hold"})
        send_at = None
        if moment.kind == "hold":
            says = preview(self.ctx, viewer, conversation_id, body, purpose).decision
            if says.verdict is Verdict.ALLOW:  # it is daytime there: it was put off by hand
                send_at = self._next_morning(person)
        done = submit(
            self.ctx,
            viewer,
            conversation_id,
            body,
            client_id=self.ctx.new_id(),
            purpose=purpose,
            why=WHY,
            send_at=send_at,
        )
        if done.state == "queued":
            self._see_off(viewer, done, moment)

    def _see_off(self, viewer: Viewer, done: Submitted, moment: Moment) -> None:
        """It is taken back in time, or it leaves and the carrier says how it went."""
        if moment.kind == "undone":
            self.clock.pass_by(4)
            undo(self.ctx, viewer, done.text_id)
            return
        if moment.kind == "lost":
            self.town.past.carrier.unheard.add(str(done.text_id))
        self.clock.pass_by(self.ctx.settings.undo_s + 1)
        code = moment.words[2] if len(moment.words) > 2 else ""
        self._work(fates={done.text_id: (WORDS[moment.kind], code)})

    def _purpose(self, person: Person, *, offer: bool) -> str:
        if offer:
            return "offer"
        asked = self._last_in.get(person.number)
        answers = asked is not None and self.clock() - asked <= AN_ANSWER_IS_DUE
        return "reply" if answers else "update"

    def _next_morning(self, person: Person) -> datetime:
        zone = ZoneInfo(_place(person).zones[0])
        tomorrow = self.clock().astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, MORNING, zone).astimezone(self.clock().tzinfo)

    def _agree(self, person: Person, words: tuple[str, ...]) -> None:
        kind, source, said = words
        with self.ctx.db.transaction(self.town.group_id) as tx:
            found = find_contact(tx, person.number)
        assert found is not None, "who agrees is known"
        add_consent(
            self.ctx,
            self._whose(person),
            found.contact_id,
            kind=kind,
            scope="all" if kind == "written" else "updates",
            source=source,
            said_at=self.clock(),
            words=said,
        )

    def _happen(self, person: Person, kind: str) -> None:
        conversation_id = self._conversations[person.number]
        with self.ctx.db.transaction(self.town.group_id) as tx:
            at = self.clock()
            record_happening(tx, [conversation_id], [self.ctx.new_id()], kind, at=at)
            record_event(
                tx,
                "conversation",
                at=at,
                line_id=self.town.lines[person.line],
                conversation_id=conversation_id,
            )

    # --- the worker and the carrier ------------------------------------------------------------

    def _work(self, fates: dict[UUID, tuple[tuple[ReceiptWord, ...], str]] | None = None) -> None:
        """Hand over what is due and hear how it went, until nothing is due."""
        while due := claim(self.ctx, "past", 50):
            ready = prepare(self.ctx, "past", due)
            carrier = self.town.past.carrier
            record_outcomes(self.ctx, [(one, carrier.send(one.outgoing)) for one in ready])
            self.clock.pass_by(2)
            heard = []
            for one in ready:
                words, code = (fates or {}).get(one.due.text_id, (WORDS["out"], ""))
                lost = [word for word in words if word is ReceiptWord.UNDELIVERED]
                heard += [
                    self._heard(one.outgoing.reference, word, code if word in lost else "")
                    for word in words
                ]
            if heard:
                take_receipts(self.ctx, heard)

    def _heard(self, reference: str, word: ReceiptWord, code: str) -> Heard:
        carrier = self.town.past.carrier
        sid = carrier.sids[reference]
        receipt = Receipt(
            carrier=carrier.name,
            account=carrier.account,
            carrier_id=sid,
            word=word,
            at=self.clock(),
            reference=reference,
            code=code,
        )
        raw = urlencode({"MessageSid": sid, "MessageStatus": word.value, "ErrorCode": code})
        return Heard(self.town.group_id, receipt, raw)

    # --- how today finds it ----------------------------------------------------------------------

    def _put_away(self, person: Person) -> None:
        """A conversation that came to its end is marked done; what stopped, or waits, is not."""
        ended = person.log[-1].kind == "in" and not person.open
        long_ago = self.clock.today - self.clock() > PUT_AWAY_AFTER
        if person.done or (ended and long_ago and not person.snooze and self._waits(person)):
            self.clock.pass_by(900)
            mark_done(self.ctx, self._whose(person), self._conversations[person.number])

    def _waits(self, person: Person) -> bool:
        """Whether the list says that somebody waits here for an answer."""
        with self.ctx.db.transaction(self.town.group_id) as tx:
            row = tx.only(
                "conversations.reached",
                ids=[self._conversations[person.number]],
                line_ids=[self.town.lines[person.line]],
            )
        return row.waiting_since is not None

    def _leave(self, person: Person) -> None:
        conversation_id = self._conversations[person.number]
        if person.draft:
            who, words = person.draft
            save_draft(self.ctx, self.town.viewers[who], conversation_id, words)
        if person.snooze is not None:
            snooze(self.ctx, self._whose(person), conversation_id, person.snooze)

    def _read(self) -> None:
        """Everybody has read all but what came in lately and has no answer."""
        today = self.clock.today
        with self.ctx.db.transaction(self.town.group_id) as tx:
            for viewer in self.town.viewers.values():
                everything = []
                for person in self.town.content.people:
                    if self.town.lines[person.line] not in viewer.line_ids:
                        continue
                    conversation_id = self._conversations[person.number]
                    if today - person.log[-1].at > FRESH or person.log[-1].kind != "in":
                        everything.append(conversation_id)
                        continue
                    ours = [one.at for one in person.log if one.kind != "in"]
                    if ours:
                        _mark_read(tx, viewer, [conversation_id], max(ours))
                _mark_read(tx, viewer, everything, today)


def _place(person: Person) -> Place:
    number = parse_number(person.number)
    return place_of(number, zip_code=person.zip_code or None, zip_given=bool(person.zip_code))


def _mark_read(tx: Tx, viewer: Viewer, ids: list[UUID], upto: datetime) -> None:
    tx.run("conversations.read", ids=ids, member_id=viewer.member_id, read_at=upto)
