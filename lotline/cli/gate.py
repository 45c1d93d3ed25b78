"""`lotline gate FILE.toml`: decide every scenario of a file, one JSON object a line.

A scenario's words (area code, consent by kind and scope, opt-outs as they were said) are made into
facts in the same way as the product makes them: entries are folded, the place is resolved.

Not here: any judgement. Exit 0 when every scenario was decided, 2 when the file can't be read.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from lotline.core.base.numbers import Number, NumberKind
from lotline.core.base.places import Place, place_of
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.standing import standing_at
from lotline.core.gate.decision import Decision, Verdict
from lotline.core.gate.facts import (
    Facts,
    LineFacts,
    LineKind,
    Mark,
    MemberFacts,
    Registration,
    Sender,
)
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import Rulebook, load_rulebook
from lotline.core.messaging.purpose import Purpose

_LINE = UUID(int=1)
_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})
_PURPOSES = {
    "marketing": Purpose.OFFER,
    "transactional": Purpose.UPDATE,
    "relationship": Purpose.UPDATE,
    "conversational_reply": Purpose.REPLY,
    "opt_out_confirmation": Purpose.STOP_CONFIRMATION,
    "opt_in_confirmation": Purpose.START_CONFIRMATION,
    "help_reply": Purpose.HELP,
}
_SENDERS = {
    "human": Sender.PERSON,
    "automated": Sender.SOFTWARE,
    "campaign": Sender.BROADCAST,
}
_SCOPES = {"marketing": Scope.OFFERS, "transactional": Scope.UPDATES, "all": Scope.ALL}
_KINDS = {"pewc": Kind.WRITTEN, "pec": Kind.EXPRESS}
_SOURCES = (
    ("import", Source.IMPORT),
    ("web", Source.WEB_FORM),
    ("sms", Source.TEXT),
    ("text", Source.TEXT),
    ("keyword", Source.TEXT),
    ("email", Source.EMAIL),
    ("e-mail", Source.EMAIL),
    ("phone", Source.PHONE),
    ("call", Source.PHONE),
    ("voice", Source.PHONE),
    ("oral", Source.IN_PERSON),
    ("desk", Source.IN_PERSON),
    ("person", Source.IN_PERSON),
)
_NOT_A_LETTER = re.compile(r"[^a-z ]+")


def run(words: Sequence[str]) -> int:
    """The command; `words` are what follows its name."""
    if len(words) != 1:
        print("lotline gate: name one file of scenarios", file=sys.stderr)
        return 2
    try:
        scenarios = tomllib.loads(Path(words[0]).read_text(encoding="utf-8"))["scenario"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        print(f"lotline gate: {words[0]} can't be read: {error}", file=sys.stderr)
        return 2
    book = load_rulebook()
    for scenario in scenarios:
        facts = facts_of(scenario["given"], book)
        decision = decide(facts, book)
        print(json.dumps(answer(scenario["id"], facts.place, decision, book)))
    return 0


def answer(name: str, place: Place, decision: Decision, book: Rulebook) -> dict[str, Any]:
    """One line of the command's output."""
    binding = decision.binding
    also = list(binding.also)
    for found in decision.findings[1:]:
        # A relationship that is not enough is worth naming beside what asks for more.
        excuses = binding.rule == "FED-PEWC-1" and found.rule.endswith("-EBR")
        if found.verdict is not Verdict.ALLOW or excuses:
            also += [found.rule, *found.also]
    also = [rule for rule in dict.fromkeys(also) if rule != binding.rule]
    until = decision.hold_until
    return {
        "id": name,
        "verdict": decision.verdict.value,
        "rule": binding.rule,
        "also": also,
        "hold_until": until.isoformat() if until else None,
        "states": list(place.states),
        "zones": list(place.zones),
        "citation": "; ".join(
            dict.fromkeys(book.rules[rule].citation for rule in (binding.rule, *also))
        ),
    }


def facts_of(given: dict[str, Any], book: Rulebook) -> Facts:
    """A scenario's `given` as the gate's facts."""
    at: datetime = given["at"].astimezone(UTC)
    related = given.get("relationship", {})
    flags = [str(flag) for flag in given.get("flags", ())]
    sender = _SENDERS[given["sender"]]
    stops = sorted(given.get("opt_outs", ()), key=lambda stop: stop["at"])
    stopped = stops[-1] if stops else None
    return Facts(
        at=at,
        purpose=_PURPOSES[given["purpose"]],
        sender=sender,
        place=_place(given),
        standing=standing_at(_entries(given, at, book), at),
        line=_line(flags),
        member=MemberFacts() if sender is Sender.PERSON else None,
        last_in_at=given["last_inbound"].astimezone(UTC) if given.get("last_inbound") else None,
        number_kind=given.get("number_kind", "mobile"),
        reassigned=given.get("reassigned", "no").replace("not_checked", "unknown"),
        offers_24h=tuple(sent.astimezone(UTC) for sent in given.get("sent_24h", ())),
        bought_on=related.get("last_purchase"),
        asked_on=related.get("last_inquiry"),
        national_dnc=given.get("national_dnc", False),
        state_dnc=given.get("state_dnc", False),
        own_dnc=given.get("internal_dnc", False),
        stop_heard_at=stopped["at"].astimezone(UTC) if stopped else None,
        stop_confirmed=bool(stopped and stopped.get("confirmed_at")),
        marks=frozenset(
            Mark.OFFER_INSIDE.value if flag == "contains_offer" else flag for flag in flags
        ),
        courtesy=given["purpose"] == "relationship",
    )


def _place(given: dict[str, Any]) -> Place:
    area = str(given.get("area_code", ""))
    kind = NumberKind.TOLL_FREE if area in _TOLL_FREE else NumberKind.MOBILE
    number = Number(f"+1{area}5550142", kind, area)
    given_zip = given.get("zip_source") == "customer_provided"
    place = place_of(number, zip_code=given.get("zip"), zip_given=given_zip)
    if place.zones or not given.get("state_on_file"):
        return place
    return place_of(number, stated_state=given["state_on_file"])


def _line(flags: list[str]) -> LineFacts:
    refused = [flag for flag in flags if "unregistered" in flag or "unverified" in flag]
    joined = " ".join(refused).replace("-", "_")
    kind = LineKind.LOCAL
    if "toll" in joined:
        kind = LineKind.TOLL_FREE
    elif "short" in joined:
        kind = LineKind.SHORT_CODE
    return LineFacts(_LINE, kind, Registration.NONE if refused else Registration.APPROVED)


def _entries(given: dict[str, Any], at: datetime, book: Rulebook) -> Iterator[Entry]:
    number = 1
    for yes in given.get("consent", ()):
        number += 1
        said = yes["date"].astimezone(UTC)
        source = _source(str(yes.get("source", "")), yes["kind"])
        yield Entry(
            id=UUID(int=number),
            says=Says.YES,
            scope=_SCOPES.get(yes.get("scope", "all"), Scope.UPDATES),
            said_at=said,
            # A file is heard of when it is read in, however old its entries are.
            heard_at=max(said, at) if source is Source.IMPORT else said,
            source=source,
            kind=_KINDS.get(yes["kind"], Kind.INQUIRY),
            seller_named=yes.get("seller_named", True),
        )
    for stop in given.get("opt_outs", ()):
        number += 1
        said = stop["at"].astimezone(UTC)
        text = str(stop.get("text", ""))
        source = _source(str(stop.get("channel", "text")), "")
        yield Entry(
            id=UUID(int=number),
            says=Says.WRONG_NUMBER if _wrong_number(text) else Says.STOP,
            scope=_SCOPES.get(stop.get("scope", "all"), Scope.ALL),
            said_at=said,
            heard_at=said,
            source=source,
            how=_how(stop, text, book),
        )


def _source(words: str, kind: str) -> Source:
    for word, source in _SOURCES:
        if word in words.casefold():
            return source
    return Source.PAPER_FORM if kind == "pewc" else Source.IN_PERSON


def _wrong_number(text: str) -> bool:
    return bool(re.search(r"\bwrong (number|person)\b", text.casefold()))


def _how(stop: dict[str, Any], text: str, book: Rulebook) -> How:
    asked = str(stop.get("clarification", "")).casefold()
    if asked:
        return How.UNANSWERED if "no answer" in asked else How.NARROWED
    said = " ".join(_NOT_A_LETTER.sub(" ", text.casefold()).split())
    return How.KEYWORD if said in book.law["stop"]["words"] else How.WORDING
