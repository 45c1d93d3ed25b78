"""What a rule may ask of the rulebook: numbers, windows, what a state demands, and its words.

Invariant: nothing in here knows a legal value; each comes from the rulebook's data, so that the
law can change without a line of code. The caches hold answers that only the data decides.

Not here: reading the data (`rulebook`), what the facts are (`case`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from lotline.core.gate.decision import Finding, Remedy, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from lotline.core.gate.rules.points import Point

ALWAYS = date.min
Span = tuple[int, int]  # seconds after midnight: [opens, closes)
Lists = tuple[tuple[str, date | None], ...]  # as facts name them


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's own name and the rulebook entries it can speak for (`*-HOURS`: one a state)."""

    id: str
    cites: tuple[str, ...]
    since: date = ALWAYS  # before this day, by the law's own date, the rule is silent


@dataclass(frozen=True, slots=True)
class Entry:
    """What the rulebook holds of one rule."""

    id: str
    title: str
    group: str
    summary: str
    citation: str
    basis: str
    source_url: str = ""
    contested: str = ""
    default: str = ""
    status: str = ""
    evidence: str = ""  # of a rule of no state: what of its source was read
    since: date = ALWAYS


@dataclass(frozen=True, slots=True)
class State:
    """What a state demands of an offer besides hours."""

    code: str
    name: str
    since: date
    consent: str
    relationship_excuses: bool
    purchase_months: int
    inquiry_months: int
    daily_max: int
    daily_max_spares_customers: bool
    emergency: bool
    asks_reassigned: bool
    stop_kept_years: int
    inquiry_once: bool = False  # a question carries one contact, not the next
    keeps_list: bool = False  # a do-not-call list of its own, apart from the national one
    list_max_days: int = 0  # how old a copy of it may be; 0: as the law's data says


@dataclass(frozen=True, slots=True)
class Window:
    """A state's hours for a span of days; `days` has weekday, Saturday and Sunday."""

    since: date
    until: date
    days: tuple[tuple[int, int] | None, tuple[int, int] | None, tuple[int, int] | None]
    daylight: tuple[tuple[int, int] | None, tuple[int, int] | None, tuple[int, int] | None] | None
    holidays: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A state's windows; `own` when the state has a demand of its own, whatever its width."""

    code: str
    name: str
    own: bool
    windows: tuple[Window, ...]
    clock_rule: str = ""
    clock_zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One local day in a set of states: seconds after midnight, and whose rule draws each end."""

    opens: int
    closes: int
    opened_by: str
    closed_by: str
    own: bool  # some state has a demand of its own
    shut_by: str = ""
    shut_in: str = ""  # the state's name
    holiday: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Loosened:
    """A contested point that the house reads looser, and the book as it would be without that."""

    point: str
    choice: str
    on: date
    by: UUID
    setting: UUID
    without: Book


_FLOOR_RULE = "FED-QH-1"


@dataclass(slots=True, eq=False)
class Book:
    """The data of one rulebook. Equal data has an equal digest; nothing writes to it once read."""

    digest: str
    law: Mapping[str, Any]
    rules: Mapping[str, Entry]
    says: Mapping[str, tuple[Verdict, str, tuple[Remedy, ...]]]
    hours: Mapping[str, Hours]
    floor: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    states: Mapping[str, State]
    holidays: Mapping[str, Mapping[date, str]]
    standard_time: frozenset[str]  # states whose law counts standard time all year
    points: Mapping[str, Point] = field(default_factory=dict)
    loosened: tuple[Loosened, ...] = ()  # what the house reads looser than careful
    careful: Book | None = None  # the same house with nothing loosened, where something is
    open_night: Book | None = None  # without the federal hours, where a yes lifts them
    _days: dict[tuple[tuple[str, ...], date, bool], Day] = field(default_factory=dict)
    _plain: dict[tuple[str, str], Finding] = field(default_factory=dict)
    _said: dict[tuple[Any, ...], Finding] = field(default_factory=dict)
    _opens: dict[tuple[Any, ...], datetime] = field(default_factory=dict)
    _zones: dict[str, ZoneInfo] = field(default_factory=dict)
    _changes: dict[tuple[str, date], bool] = field(default_factory=dict)
    _missing: dict[Lists, tuple[str, ...]] = field(default_factory=dict)

    def copy(self, digest: str, law: Mapping[str, Any], hours: Mapping[str, Hours]) -> Self:
        """The same book with other values, and nothing remembered of these."""
        fresh: dict[str, Any] = {one.name: {} for one in fields(self) if one.name.startswith("_")}
        plain: dict[str, Any] = {"loosened": (), "careful": None, "open_night": None}
        return replace(self, digest=digest, law=law, hours=hours, **plain, **fresh)

    def finding(
        self,
        rule: str,
        key: str,
        *,
        hold_until: datetime | None = None,
        params: tuple[tuple[str, str], ...] = (),
        also: tuple[str, ...] = (),
    ) -> Finding:
        """What `rule` says in the words of `key`; its verdict stands beside the words."""
        if hold_until is None and not params and not also:
            return self._in_words(rule, key)
        said = (rule, key, hold_until, params, also)
        found = self._said.get(said)
        if found is None:
            plain = self._in_words(rule, key)
            if len(self._said) > _CACHED_MAX:
                self._said.clear()
            found = self._said[said] = Finding(
                rule,
                plain.verdict,
                plain.says,
                plain.citation,
                plain.basis,
                plain.contested,
                hold_until,
                plain.remedies,
                params,
                also,
            )
        return found

    def _in_words(self, rule: str, key: str) -> Finding:
        """The finding with nothing of a case in it."""
        plain = self._plain.get((rule, key))
        if plain is None:
            entry = self.rules[rule]
            verdict, says, remedies = self.says[key]
            plain = self._plain[rule, key] = Finding(
                rule, verdict, says, entry.citation, entry.basis, entry.contested, None, remedies
            )
        return plain

    def list_max_days(self, name: str) -> int | None:
        """How old a list's copy may be; None where there is no such list to keep."""
        kind, _, code = name.partition(":")
        law: Mapping[str, int] = self.law["lists"]
        if not code:
            return law[_LIST_AGES[kind]]
        state = self.states.get(code)
        if state is None or not state.keeps_list:
            return None
        return state.list_max_days or law["state_max_days"]

    def never_imported(self, lists: Lists) -> tuple[str, ...]:
        """Those of the lists that there are to keep and that nobody ever imported."""
        missing = self._missing.get(lists)
        if missing is None:
            if len(self._missing) > _CACHED_MAX:
                self._missing.clear()
            missing = self._missing[lists] = tuple(
                name
                for name, as_of in lists
                if as_of is None and self.list_max_days(name) is not None
            )
        return missing

    def zone(self, name: str) -> ZoneInfo:
        """The zone's clock; an unknown name is a KeyError, never a guess."""
        zone = self._zones.get(name)
        if zone is None:
            zone = self._zones[name] = ZoneInfo(name)
        return zone

    def day(self, states: tuple[str, ...], local: datetime) -> Day:
        """The narrowest window of all `states` on the local day; no states: the federal one."""
        on = local.date()
        daylight = not self.standard_time.isdisjoint(states) and bool(local.dst())
        day = self._days.get((states, on, daylight))
        if day is None:
            if len(self._days) > _CACHED_MAX:
                self._days.clear()
            day = self._days[states, on, daylight] = self._narrowest(states, on, daylight)
        return day

    def changes_clock(self, zone: str, on: date) -> bool:
        """Whether the zone's clock is moved during that local day."""
        known = self._changes.get((zone, on))
        if known is None:
            if len(self._changes) > _CACHED_MAX:
                self._changes.clear()
            info = self.zone(zone)
            first = datetime.combine(on, time(0), info)
            last = datetime.combine(on, time(23, 59), info)
            known = self._changes[zone, on] = first.utcoffset() != last.utcoffset()
        return known

    def _narrowest(self, states: tuple[str, ...], on: date, daylight: bool) -> Day:
        sort = 2 if on.weekday() == 6 else 1 if on.weekday() == 5 else 0
        opens, closes = self.floor[sort]
        opened_by = closed_by = _FLOOR_RULE
        own, shut_by, shut_in, holiday = False, "", "", ""
        for code in states:
            hours = self.hours.get(code)
            window = _in_force(hours, on) if hours is not None else None
            if hours is None or window is None:
                continue
            own = own or hours.own
            span = (window.daylight if daylight and window.daylight else window.days)[sort]
            feast = self.holidays[window.holidays].get(on, "") if window.holidays else ""
            if (span is None or feast) and not shut_by:
                shut_by = f"{code}-SUNDAY" if span is None else f"{code}-HOLIDAY"
                shut_in, holiday = hours.name, feast
            if span is None:
                continue
            if span[0] > opens:
                opens, opened_by = span[0], f"{code}-HOURS"
            # A state that repeats the federal evening is named for it: its own law says so too.
            if span[1] < closes or (span[1] == closes and hours.own and closed_by == _FLOOR_RULE):
                closes, closed_by = span[1], f"{code}-HOURS"
        house = self.law["house"]
        if house["sundays_closed"] and sort == 2 and not shut_by:
            shut_by = "HOUSE-SUNDAY"
        if house["opens"] and seconds_of(house["opens"]) > opens:
            opens, opened_by = seconds_of(house["opens"]), "HOUSE-HOURS"
        if house["closes"] and seconds_of(house["closes"]) < closes:
            closes, closed_by = seconds_of(house["closes"]), "HOUSE-HOURS"
        return Day(opens, closes, opened_by, closed_by, own, shut_by, shut_in, holiday)

    def next_open(
        self, at: datetime, states: tuple[str, ...], zones: tuple[str, ...]
    ) -> datetime | None:
        """The earliest instant, `at` or later, when the day is open in every zone, or None.

        It is built from the wall clock of the target date, so a night in which clocks change is
        as long as it is.
        """
        if len(zones) == 1:
            return self._opens_in(at, states, self.zone(zones[0]))
        moment = at
        for _ in range(_OPENINGS_TRIED):
            later = moment
            for name in zones:
                later = max(later, self._opens_in(later, states, self.zone(name)))
            if later == moment:
                return moment
            moment = later
        return None

    def _opens_in(self, at: datetime, states: tuple[str, ...], zone: ZoneInfo) -> datetime:
        local = at.astimezone(zone)
        day = self.day(states, local)
        second = local.hour * 3600 + local.minute * 60 + local.second
        early = second < day.opens
        if not day.shut_by and not early and second < day.closes:
            return at
        # Whoever is too early, or too late, on one day is let in at one instant.
        asked = (states, zone.key, local.date(), local.dst(), early)
        opening = self._opens.get(asked)
        if opening is None:
            if len(self._opens) > _CACHED_MAX:
                self._opens.clear()
            opening = self._opens[asked] = self._opening(at, states, zone)
        return max(at, opening)

    def _opening(self, at: datetime, states: tuple[str, ...], zone: ZoneInfo) -> datetime:
        local = at.astimezone(zone)
        for _ in range(_DAYS_TRIED):
            day = self.day(states, local)
            second = local.hour * 3600 + local.minute * 60 + local.second
            if not day.shut_by and second < day.closes:
                if second >= day.opens:
                    return at
                opening = datetime.combine(local.date(), clock(day.opens), zone)
                return max(at, opening.astimezone(UTC))
            local = datetime.combine(local.date() + timedelta(days=1), time(0), zone)
            at = max(at, local.astimezone(UTC))
        return at


_LIST_AGES = {
    "national_dnc": "national_max_days",
    "reassigned": "reassigned_max_days",
    "litigators": "litigators_max_days",
}
_CACHED_MAX = 20_000
_DAY_S = 86_400
_OPENINGS_TRIED = 40
_DAYS_TRIED = 40


def clock(seconds: int) -> time:
    """Seconds after midnight as a time of day."""
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def seconds_of(wall: str) -> int:
    """A time of day ("09:30") as seconds after midnight."""
    hour, minute = wall.split(":")
    seconds = int(hour) * 3600 + int(minute) * 60
    if not 0 <= seconds <= _DAY_S:
        raise ValueError(f"hours.toml: {wall} is no time of day")
    return seconds


def _in_force(hours: Hours, on: date) -> Window | None:
    for window in hours.windows:
        if window.since <= on < window.until:
            return window
    return None
