"""What a query asks for: from when to when, in which zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from feria_admin.analytics.periods import midnight, zone_names
from feria_admin.settings import AdminSettings
from feria_core import clock
from feria_core.errors import Invalid
from feria_core.runtime import settings

_DAY_LENGTH = len("2026-11-28")
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
USUAL = timedelta(days=29)


@dataclass(frozen=True)
class Span:
    """A stretch of time and the zone in which its days are counted."""

    since: datetime
    until: datetime
    zone: ZoneInfo


def zone_of(name: str | None) -> ZoneInfo:
    """Return the zone, the deployment's without a name. Raises Invalid for one that is unknown."""
    wanted = name or settings(AdminSettings).time_zone
    if wanted not in zone_names():
        message = "There is no such time zone: write an IANA name such as Europe/Madrid or UTC."
        raise Invalid.field("query", "tz", code="unknown_time_zone", message=message)
    return ZoneInfo(wanted)


def span_of(since: str | None, until: str | None, zone: ZoneInfo) -> Span:
    """Return the stretch: the last 30 days up to now where nothing is said. Raises Invalid."""
    end = _moment(until, "to", zone, is_end=True) if until else clock.now()
    start = (
        _moment(since, "from", zone, is_end=False) if since else midnight((end - USUAL).astimezone(zone).date(), zone)
    )
    if not _FIRST <= start < end <= _LAST:
        message = "`from` must be before `to`, and both in the years 2000 to 2999."
        raise Invalid.field("query", "from", code="bad_range", message=message)
    return Span(start, end, zone)


def _moment(text: str, name: str, zone: ZoneInfo, *, is_end: bool) -> datetime:
    try:
        if len(text) == _DAY_LENGTH:
            return midnight(date.fromisoformat(text) + timedelta(days=is_end), zone)
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = "Write a day (2026-11-28) or a moment with its offset (2026-11-28T18:00:00Z)."
    raise Invalid.field("query", name, code="bad_moment", message=message)
