"""When a recurring event takes place: RFC 5545's rules, counted in the event's own time zone. Pure."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

if TYPE_CHECKING:
    from dateutil.rrule import rrule

MAX_OCCURRENCES = 1000
# A rule with an end must have come to it by then; of one without, so much beyond the present is kept.
MAX_SPAN = timedelta(days=3660)
AHEAD = timedelta(days=2 * 366)

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"[1-9][0-9]{0,2}"),
    "COUNT": re.compile(r"[1-9][0-9]{0,3}"),
    "UNTIL": re.compile(r"[0-9]{8}(?:T[0-9]{6}Z?)?"),
    "BYDAY": re.compile(r"(?:[+-]?[1-5]?(?:MO|TU|WE|TH|FR|SA|SU))(?:,[+-]?[1-5]?(?:MO|TU|WE|TH|FR|SA|SU)){0,13}"),
    "BYMONTHDAY": re.compile(r"-?(?:[1-9]|[12][0-9]|3[01])(?:,-?(?:[1-9]|[12][0-9]|3[01])){0,30}"),
    "BYMONTH": re.compile(r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2])){0,11}"),
    "BYSETPOS": re.compile(r"-?[1-9][0-9]?(?:,-?[1-9][0-9]?){0,9}"),
    "WKST": re.compile(r"MO|TU|WE|TH|FR|SA|SU"),
}


class RecurrenceError(ValueError):
    """A rule, exception or time zone that makes no sense; `code` is stable, the text says what to do."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field, self.code, self.message = field, code, message


@dataclass(frozen=True)
class Timing:
    """When an event takes place; times are aware, `rrule` is in the form of `normal_rule`, or None for once."""

    starts_at: datetime
    ends_at: datetime | None
    time_zone: str
    rrule: str | None = None
    exdates: tuple[datetime, ...] = ()

    @property
    def duration(self) -> timedelta:
        """How long each occurrence takes: the same exact time for all (RFC 5545, 3.8.5.3)."""
        return self.ends_at - self.starts_at if self.ends_at else timedelta()

    @property
    def is_endless(self) -> bool:
        """True for a rule with neither COUNT nor UNTIL."""
        return self.rrule is not None and "COUNT=" not in self.rrule and "UNTIL=" not in self.rrule


def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone. Raises RecurrenceError for a name that is none."""
    # The list first: some names ("posix/../x", "leapseconds") would lead to files that are no zones.
    if name not in _zones():
        raise RecurrenceError(
            "time_zone", "unknown_time_zone", f"'{name[:60]}' is no IANA time zone: write it as Europe/Madrid or UTC."
        )
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RecurrenceError("time_zone", "unknown_time_zone", f"The time zone '{name}' cannot be read.") from error


def normal_rule(text: str) -> str:
    """Return the rule in upper case without `RRULE:`. Raises RecurrenceError for parts that are not taken."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = part.partition("=")
        pattern = _PARTS.get(name)
        if pattern is None:
            raise _bad_rule(f"'{name[:20]}' is not taken; {', '.join(_PARTS)} are")
        if name in parts or not pattern.fullmatch(value):
            raise _bad_rule(f"'{part[:60]}' is not a value of {name}, or not the only one")
        parts[name] = value
    if "FREQ" not in parts:
        raise _bad_rule("FREQ is missing, e.g. FREQ=WEEKLY")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _bad_rule("COUNT and UNTIL exclude each other")
    if parts["FREQ"] in {"DAILY", "WEEKLY"} and re.search(r"[0-9]", parts.get("BYDAY", "")):
        raise _bad_rule(f"numbers in BYDAY do not go with FREQ={parts['FREQ']}")
    if parts["FREQ"] == "WEEKLY" and "BYMONTHDAY" in parts:
        raise _bad_rule("BYMONTHDAY does not go with FREQ=WEEKLY")
    return ";".join(f"{name}={value}" for name, value in parts.items())


def occurrences(timing: Timing, now: datetime) -> list[tuple[datetime, datetime]]:
    """Return start and end of every occurrence in UTC, in order; of an endless rule those up to AHEAD of `now`.

    Raises RecurrenceError where there are none or too many, or where an exception is no occurrence.
    """
    starts = [timing.starts_at.astimezone(UTC)] if timing.rrule is None else _recurring(timing, now)
    unknown = set(timing.exdates) - set(starts)
    if unknown and not timing.is_endless:
        raise RecurrenceError(
            "exdates", "no_occurrence", f"{min(unknown):%Y-%m-%dT%H:%M:%SZ} is no occurrence: leave it away."
        )
    kept = [start for start in starts if start not in set(timing.exdates)]
    if not kept:
        raise RecurrenceError("exdates", "never_takes_place", "The event would never take place: leave an occurrence.")
    return [(start, start + timing.duration) for start in kept]


def _recurring(timing: Timing, now: datetime) -> list[datetime]:
    local_zone = zone(timing.time_zone)
    local = timing.starts_at.astimezone(local_zone)
    if local.fold:
        raise RecurrenceError(
            "starts_at", "ambiguous_start", "A recurring event cannot begin in the hour that the clock repeats."
        )
    count = _count(timing)
    _check_start(timing, local)
    limit = max(now, timing.starts_at) + AHEAD if timing.is_endless else timing.starts_at + MAX_SPAN
    rule = _rule(timing, local.replace(tzinfo=None), limit.astimezone(local_zone).replace(tzinfo=None))
    # A time that the clock skips counts with the offset before the gap, one that it repeats is the first of the two
    # (RFC 5545, 3.3.5): what `fold=0` means.
    found = [at.replace(tzinfo=local_zone).astimezone(UTC) for at in islice(rule, count or 20 * MAX_OCCURRENCES)]
    if not found or found[0] != timing.starts_at.astimezone(UTC):
        raise _not_in_rule()
    if timing.is_endless:
        return found[-MAX_OCCURRENCES:]
    until = last_moment(timing)
    is_cut = len(found) < (count or 0) or (until is not None and until > timing.starts_at + MAX_SPAN)
    if is_cut or len(found) > MAX_OCCURRENCES:
        raise RecurrenceError(
            "rrule", "recurs_too_long",
            f"At most {MAX_OCCURRENCES} occurrences in ten years are kept: shorten COUNT or UNTIL, or leave both away.",
        )  # fmt: skip
    return found


def _rule(timing: Timing, start: datetime, limit: datetime) -> rrule:
    """Return the rule in local time, without COUNT and ended at `limit`: one that never matches would run to 9999."""
    from dateutil.rrule import rrule as rrule_type
    from dateutil.rrule import rrulestr

    parts = str(timing.rrule).split(";")
    text = ";".join(part for part in parts if not part.startswith(("UNTIL=", "COUNT=")))
    until = last_moment(timing)
    local_until = until.astimezone(zone(timing.time_zone)).replace(tzinfo=None) if until else limit
    try:
        rule = rrulestr(text, dtstart=start)
    except (ValueError, TypeError, OverflowError) as error:
        raise _bad_rule(str(error)) from error
    if not isinstance(rule, rrule_type):
        raise _bad_rule("only one rule is taken")
    return rule.replace(until=min(local_until, limit))


def _check_start(timing: Timing, local: datetime) -> None:
    """Raise RecurrenceError where the start's own date does not fit.

    Counting cannot find that out: a rule that nothing fits (the 30th of February) takes dateutil eight seconds.
    """
    parts = dict(part.split("=") for part in str(timing.rrule).split(";"))
    days = [name[-2:] for name in parts.get("BYDAY", "").split(",") if name]
    dates = [int(number) for number in parts.get("BYMONTHDAY", "").split(",") if number]
    months = [int(number) for number in parts.get("BYMONTH", "").split(",") if number]
    from_end = local.day - calendar.monthrange(local.year, local.month)[1] - 1
    fits = (
        (not days or _WEEKDAYS[local.weekday()] in days)
        and (not dates or local.day in dates or from_end in dates)
        and (not months or local.month in months)
    )
    if not fits:
        raise _not_in_rule()


def _not_in_rule() -> RecurrenceError:
    return RecurrenceError(
        "rrule", "start_not_in_rule", "starts_at must be the rule's first occurrence: move it, or change the rule."
    )


def _count(timing: Timing) -> int | None:
    found = re.search(r"COUNT=([0-9]+)", timing.rrule or "")
    return int(found[1]) if found else None


def last_moment(timing: Timing) -> datetime | None:
    """Return the last moment of the rule: UTC as RFC 5545 wants it, else local; a date means its whole day."""
    found = re.search(r"UNTIL=([0-9]{8})(?:T([0-9]{6})(Z?))?", timing.rrule or "")
    if found is None:
        return None
    day, time, is_utc = found.groups()
    try:
        moment = datetime.strptime(f"{day}{time or '235959'}", "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone comes next
    except ValueError as error:
        raise _bad_rule(f"UNTIL={found[1]} is no time") from error
    return moment.replace(tzinfo=UTC if is_utc else zone(timing.time_zone)).astimezone(UTC)


def _bad_rule(reason: str) -> RecurrenceError:
    return RecurrenceError("rrule", "bad_rrule", f"The rule cannot be read: {reason}.")


@cache
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if not name.startswith(("posix/", "right/")))
