from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from feria_admin.analytics import keeping
from feria_admin.analytics.periods import divide, midnight
from feria_admin.checks import kept_figures_are_right
from feria_core import db
from feria_core.contracts.analytics import ANALYTICS_LISTINGS, ANALYTICS_SOURCES, Figure, Listing, Measure, Rate, Source
from feria_core.contracts.events import Event
from feria_core.contracts.money import Money
from feria_core.events import publish
from feria_core.jobs import enqueue
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs

PATH = "/api/admin/analytics"
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class VisitCorrected(Event):
    """A visit of the past turned out to be another."""

    name: ClassVar[str] = "visits.corrected"

    at: datetime


class Visits:
    """A module's rows: when, of what, how many, for how much."""

    def __init__(self):
        self.rows = []
        self.asked = 0

    async def figures(self, since, until):
        self.asked += 1
        return [
            Figure(keeping.floor(at), (count, amount), "USD", key)
            for at, key, count, amount in self.rows
            if since <= at < until
        ]

    async def kept_since(self):
        return min((row[0] for row in self.rows), default=None)

    async def titles(self, keys, locale):
        return {key: f"{key} ({locale})" for key in keys}

    async def touched(self, event):
        return [event.at]


@pytest.fixture
def visits(client, monkeypatch):
    """A module from elsewhere that counts visits."""
    made, known = Visits(), registry()._offers
    for port in (ANALYTICS_SOURCES, ANALYTICS_LISTINGS):
        monkeypatch.setitem(known, port.name, list(known.get(port.name, [])))
    source = Source(
        name="another.visits",
        report="visits",
        title={"en": "Visits", "es": "Visitas"},
        measures=(Measure("visits", {"en": "Visits"}), Measure("spent", {"en": "Spent"}, "money")),
        rates=(Rate("each", {"en": "Each"}, "spent", "visits"),),
        figures=made.figures,
        kept_since=made.kept_since,
        has_keys=True,
        titles=made.titles,
        events=(VisitCorrected,),
        touched=made.touched,
    )
    registry().contribute(ANALYTICS_SOURCES, source, module="another")
    return made


@pytest.fixture
def staff(client):
    return client.as_staff("analytics.read")


async def keep():
    async with db.transaction():
        await enqueue("admin.keep_figures")
    assert set(await run_jobs()) == {"done"}


async def test_a_module_from_elsewhere_has_its_report_by_key_and_by_interval(staff, visits, clock):
    clock.at = START + timedelta(days=10)
    visits.rows = [
        (START, "door", 3, 1000),
        (START + timedelta(days=1), "door", 1, 1),
        (START + timedelta(days=1), "window", 9, 0),
    ]
    names = {item["name"]: item for item in (await staff.get(PATH)).json["items"]}
    assert names["visits"]["by"] == ["key", "interval"]
    for _ in range(2):  # counted at the look, then kept
        shown = (await staff.get(f"{PATH}/visits?from=2026-03-01&to=2026-03-02")).json
        assert [(item["key"], item["title"], item["visits"]) for item in shown["items"]] == [
            ("window", "window (en)", 9),
            ("door", "door (en)", 4),
        ]
        assert shown["items"][1]["each"] == {"amount": 250, "currency": "USD"}
        assert shown["totals"]["visits"] == 13
        days = (await staff.get(f"{PATH}/visits?from=2026-03-01&to=2026-03-03&by=interval")).json["items"]
        assert [(day["label"], day["visits"]) for day in days] == [
            ("2026-03-01", 3), ("2026-03-02", 10), ("2026-03-03", 0),
        ]  # fmt: skip
        await keep()


async def test_what_is_kept_is_not_asked_again_until_an_event_says_so(staff, visits, clock):
    clock.at = START + timedelta(days=10)
    visits.rows = [(START, "door", 3, 0)]
    await keep()
    visits.rows = [(START, "door", 5, 0)]
    path = f"{PATH}/visits?from=2026-03-01&to=2026-03-02"
    assert (await staff.get(path)).json["totals"]["visits"] == 3
    for _ in range(2):  # an event may come twice
        async with db.transaction():
            await publish(VisitCorrected(START + timedelta(hours=3)))
    await run_jobs()
    assert (await staff.get(path)).json["totals"]["visits"] == 5
    await keep()
    assert await db.fetch_value("SELECT count(*) FROM admin_figure_stale") == 0
    assert (await staff.get(path)).json["totals"]["visits"] == 5
    assert await db.fetch_value("SELECT sum(counts[1]) FROM admin_figure WHERE grain = 'day'") == 5


async def test_the_doctor_finds_sums_that_are_not_those_of_the_rows(visits, clock):
    clock.at = START + timedelta(days=10)
    visits.rows = [(START, "door", 3, 0)]
    await keep()
    assert await kept_figures_are_right() == []
    await db.execute("UPDATE admin_figure SET counts[1] = 4 WHERE grain = 'quarter'")
    (told,) = await kept_figures_are_right()
    assert "feria analytics rebuild another.visits" in told


async def test_a_source_that_counts_other_things_than_before_begins_anew(visits, clock):
    clock.at = START + timedelta(days=10)
    visits.rows = [(START, "door", 3, 0)]
    await keep()
    await db.execute("UPDATE admin_figure_source SET measures = '{visits}'")
    await keep()
    assert await db.fetch_value("SELECT measures FROM admin_figure_source") == ["visits", "spent"]
    assert await kept_figures_are_right() == []


async def test_a_broken_off_rebuild_goes_on(visits, clock):
    clock.at = START + timedelta(days=200)
    visits.rows = [(START + timedelta(days=day), "door", 1, 0) for day in range(150)]
    await keep()
    (source,) = keeping.sources("visits")
    async for bite in keeping.rebuilt(source):
        assert bite.done <= bite.whole
        break
    first = await db.fetch_value("SELECT rebuilt_until FROM admin_figure_source")
    bites = [bite async for bite in keeping.rebuilt(source)]
    assert START + bites[0].done > first
    assert bites[-1].done == bites[-1].whole
    assert await db.fetch_value("SELECT rebuilt_until FROM admin_figure_source") is None
    assert await db.fetch_value("SELECT sum(counts[1]) FROM admin_figure WHERE grain = 'month'") == 150


async def test_items_come_as_csv_with_money_in_whole_units(staff, visits, clock):
    clock.at = START + timedelta(days=2)
    visits.rows = [(START, "=door", 4, 1050)]
    reply = await staff.get(f"{PATH}/visits?from=2026-03-01&to=2026-03-01&format=csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.body.decode().splitlines() == [
        "key,title,visits,spent,each,currency",
        "'=door,'=door (en),4,10.50,2.63,USD",
    ]


async def test_a_listing_is_asked_at_the_look(staff, visits):
    async def rows(since, until, limit):
        return [("oak", Money(5, "EUR"), since)][:limit]

    listing = Listing("oddities", {"en": "Oddities"}, (
        ("what", {"en": "What"}, "text"), ("worth", {"en": "Worth"}, "money"), ("at", {"en": "When"}, "moment"),
    ), rows)  # fmt: skip
    registry().contribute(ANALYTICS_LISTINGS, listing, module="another")
    shown = (await staff.get(f"{PATH}/oddities?from=2026-03-01&to=2026-03-02")).json
    assert shown["items"] == [{"what": "oak", "worth": {"amount": 5, "currency": "EUR"}, "at": "2026-03-01T00:00:00Z"}]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("tz=Mars/Base", "unknown_time_zone"),
        ("from=2026-03-02&to=2026-03-01", "bad_range"),
        ("from=1999-12-31", "bad_range"),
        ("from=2026-02-30", "bad_moment"),
        ("from=2026-03-01T00:00:00", "bad_moment"),
        ("from=2000-01-01&to=2026-01-01&interval=hour&by=interval", "too_many_intervals"),
        ("sort=-color", "unknown_column"),
        ("limit=0", "greater_than_equal"),
        ("color=red", "extra_forbidden"),
    ],
)
async def test_what_cannot_be_shown_is_refused_with_the_reason(staff, visits, query, code):
    reply = await staff.get(f"{PATH}/visits?{query}")
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, code)


def labels(since, until, interval, zone):
    return [(p.label, p.end - p.start) for p in divide(since, until, interval, ZoneInfo(zone))]


HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)


@pytest.mark.parametrize(
    ("zone", "since", "hours", "expected"),
    [
        ("Europe/Madrid", datetime(2026, 10, 25, 0, tzinfo=UTC), 2,
         [("2026-10-25T02:00+02:00", HOUR), ("2026-10-25T02:00+01:00", HOUR)]),
        ("Europe/Madrid", datetime(2026, 3, 29, 0, tzinfo=UTC), 2,
         [("2026-03-29T01:00+01:00", HOUR), ("2026-03-29T03:00+02:00", HOUR)]),
        ("Asia/Kathmandu", datetime(2026, 3, 29, 0, tzinfo=UTC), 1,
         [("2026-03-29T05:00+05:45", timedelta(minutes=15)), ("2026-03-29T06:00+05:45", timedelta(minutes=45))]),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, tzinfo=UTC), 2,
         [("2026-04-05T01:00+11:00", HOUR), ("2026-04-05T01:00+10:30", HALF), ("2026-04-05T02:00+10:30", HALF)]),
    ],
)  # fmt: skip
def test_hours_are_those_of_the_clocks_there(zone, since, hours, expected):
    assert labels(since, since + timedelta(hours=hours), "hour", zone) == expected


def test_a_day_is_as_long_as_the_clocks_make_it():
    day = timedelta(days=1)
    assert labels(midnight(date(2026, 3, 28), ZoneInfo("Europe/Madrid")), datetime(2026, 3, 30, tzinfo=UTC), "day",
                  "Europe/Madrid")[:2] == [("2026-03-28", day), ("2026-03-29", day - HOUR)]  # fmt: skip
    samoa = ZoneInfo("Pacific/Apia")  # went over the date line: there was no 30 December
    found = labels(midnight(date(2011, 12, 29), samoa), midnight(date(2012, 1, 1), samoa), "day", "Pacific/Apia")
    assert found == [("2011-12-29", day), ("2011-12-31", day)]


@pytest.mark.parametrize("interval", ["hour", "day", "week", "month"])
@pytest.mark.parametrize(
    "zone", ["America/Havana", "Asia/Beirut", "America/St_Johns", "Asia/Tehran", "Pacific/Chatham"]
)
def test_intervals_leave_no_gap_and_never_overlap(interval, zone):
    since, until = datetime(2021, 1, 1, 3, 7, tzinfo=UTC), datetime(2022, 1, 1, 1, 1, tzinfo=UTC)
    periods = divide(since, until, interval, ZoneInfo(zone))
    assert (periods[0].start, periods[-1].end) == (since, until)
    assert [period.end for period in periods[:-1]] == [period.start for period in periods[1:]]
    assert all(period.start < period.end for period in periods)
    assert len({period.label for period in periods}) == len(periods)
