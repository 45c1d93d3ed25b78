"""Times as people say them: "8:05 PM", "Nov 14", "8:00 AM Eastern", always in a named zone.

A clock here is given its now; it never asks for one. An instant that a customer is promised
("held to 8:00 AM") is said in the customer's zone, an instant in our own flow in the store's.

Not here: which hours are allowed (the gate), counting on while a page is open (`desk.js`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPOKEN = {
    "America/New_York": ("Eastern", "ET"),
    "America/Detroit": ("Eastern", "ET"),
    "America/Chicago": ("Central", "CT"),
    "America/Denver": ("Mountain", "MT"),
    "America/Phoenix": ("Arizona", "AZ"),
    "America/Los_Angeles": ("Pacific", "PT"),
    "America/Anchorage": ("Alaska", "AKT"),
    "Pacific/Honolulu": ("Hawaii", "HT"),
    "America/Puerto_Rico": ("Atlantic", "AT"),
    "Pacific/Guam": ("Chamorro", "ChT"),
}


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """The zone of that name; UTC when nobody knows the name, never an error on a page."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def said_zone(name: str) -> str:
    """Says "Eastern" for America/New_York; the city where no short word is common."""
    if name in _SPOKEN:
        return _SPOKEN[name][0]
    return name.rsplit("/", 1)[-1].replace("_", " ") if name else "UTC"


def short_zone(name: str) -> str:
    """Says "ET" for America/New_York."""
    return _SPOKEN[name][1] if name in _SPOKEN else said_zone(name)


def hour(at: datetime) -> str:
    """Says "8:05 PM" of an instant that is already in its zone."""
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"


def month_day(day: date, today: date) -> str:
    """Says "Nov 14", with the year when it is another."""
    said = f"{_MONTHS[day.month - 1]} {day.day}"
    return said if day.year == today.year else f"{said}, {day.year}"


@dataclass(frozen=True, slots=True)
class Clock:
    """Now, in one zone."""

    now: datetime
    zone: str

    def local(self, at: datetime) -> datetime:
        return at.astimezone(zone_named(self.zone))

    @property
    def today(self) -> date:
        return self.local(self.now).date()

    def time(self, at: datetime) -> str:
        """Says "8:05 PM"."""
        return hour(self.local(at))

    def day(self, at: datetime) -> str:
        """Says "Today", "Yesterday", "Wednesday, Nov 11", "Nov 14, 2024"."""
        day = self.local(at).date()
        gone = (self.today - day).days
        if gone == 0:
            return "Today"
        if gone == 1:
            return "Yesterday"
        if gone == -1:
            return "Tomorrow"
        said = month_day(day, self.today)
        return f"{_WEEKDAYS[day.weekday()]}, {said}" if -7 < gone < 7 else said

    def brief(self, at: datetime) -> str:
        """For a list: the time today, "Yesterday", the weekday this week, else the date."""
        day = self.local(at).date()
        gone = (self.today - day).days
        if gone == 0:
            return self.time(at)
        if gone == 1:
            return "Yesterday"
        return _DAYS[day.weekday()] if 0 < gone < 7 else month_day(day, self.today)

    def full(self, at: datetime) -> str:
        """Says "Nov 14, 2:08 PM", or "today 4:31 PM"."""
        day = self.local(at).date()
        gone = (self.today - day).days
        if gone == 0:
            return f"today {self.time(at)}"
        if gone == 1:
            return f"yesterday {self.time(at)}"
        return f"{month_day(day, self.today)}, {self.time(at)}"

    def until(self, at: datetime) -> str:
        """Until when something waits: "8:00 AM", with the day when that is not tomorrow."""
        away = (self.local(at).date() - self.today).days
        if away <= 1:
            return self.time(at)
        day = self.local(at)
        return f"{_DAYS[day.weekday()]} {self.time(at)}" if away < 7 else self.full(at)

    def tomorrow_at(self, hour_of_day: int) -> datetime:
        """Tomorrow at that hour here, as an instant."""
        day = self.today + timedelta(days=1)
        return datetime(day.year, day.month, day.day, hour_of_day, tzinfo=zone_named(self.zone))

    @property
    def zone_said(self) -> str:
        return said_zone(self.zone)

    @property
    def zone_short(self) -> str:
        return short_zone(self.zone)


def ago(now: datetime, then: datetime) -> str:
    """Says "9 min", "2 h", "3 days": how long since, for waiting and for "Answers … from"."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 1:
        return "1 min"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def hour_said(written: str) -> str:
    """Says "9:12 PM" for "21:12"; anything else as it stands."""
    hours, colon, minutes = written.partition(":")
    if not colon or not hours.isdigit() or not minutes.isdigit():
        return written
    return f"{int(hours) % 12 or 12}:{int(minutes):02d} {'AM' if int(hours) < 12 else 'PM'}"
