"""The audit log as staff see it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from feria_core import audit, clock, db
from feria_core.testing.client import ApiClient

PATH = "/api/admin/audit-log"


async def write(action: str, object_id: str, **values: Any) -> None:
    async with db.transaction():
        await audit.record(action, "thing", object_id, **values)


@pytest.fixture
def reader(client: ApiClient) -> ApiClient:
    return client.as_staff("audit.read")


async def test_rows_come_latest_first_page_by_page_and_none_twice(reader: ApiClient) -> None:
    for number in range(5):
        await write("thing.changed", str(number), before={"size": number}, after={"size": number + 1})
    first = (await reader.get(f"{PATH}?limit=3")).json
    second = (await reader.get(f"{PATH}?limit=3&cursor={first['next_cursor']}")).json
    assert [row["object_id"] for row in first["items"] + second["items"]] == ["4", "3", "2", "1", "0"]
    assert second["next_cursor"] is None
    assert (first["items"][0]["before"], first["items"][0]["after"]) == ({"size": 4}, {"size": 5})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=thing.made", ["1"]),
        ("action=thing.*", ["2", "1"]),
        ("object_id=2", ["2"]),
        ("object_type=thing&text=OAK", ["1"]),
        ("actor=nobody", []),
        ("to=2020-01-01T00:00:00Z", []),
    ],
)
async def test_filters_choose_rows(reader: ApiClient, query: str, found: list[str]) -> None:
    await write("thing.made", "1", after={"wood": "oak"})
    await write("thing.changed", "2")
    rows = (await reader.get(f"{PATH}?{query}")).json["items"]
    assert [row["object_id"] for row in rows] == found


async def test_a_span_of_time_includes_its_beginning_and_not_its_end(reader: ApiClient) -> None:
    await write("thing.made", "1")
    at = await db.fetch_value("SELECT at FROM core_audit")
    for since, until, count in ((at, at + timedelta(seconds=1), 1), (clock.now() - timedelta(days=1), at, 0)):
        reply = await reader.get(f"{PATH}?from={quote(since.isoformat())}&to={quote(until.isoformat())}")
        assert len(reply.json["items"]) == count


async def test_the_export_is_csv_that_no_spreadsheet_takes_for_formulas(reader: ApiClient) -> None:
    await write("thing.made", "=1+1", after={"wood": "oak"})
    for reply in (await reader.get(f"{PATH}?format=csv"), await reader.get(PATH, headers={"Accept": "text/csv"})):
        assert reply.headers["content-type"].startswith("text/csv")
        [row] = csv.DictReader(io.StringIO(reply.body.decode()))
        assert (row["object_id"], row["after"]) == ("'=1+1", '{"wood": "oak"}')


@pytest.mark.parametrize("query", ["cursor=x", "cursor=WzEsMl0", "from=2020-01-01T00:00:00", "limit=0", "text=%00"])
async def test_what_cannot_be_read_is_refused(reader: ApiClient, query: str) -> None:
    assert (await reader.get(f"{PATH}?{query}")).status in (400, 422)


async def test_only_who_may_read_it_reads_it(client: ApiClient) -> None:
    assert (await client.get(PATH)).status == 401
    assert (await client.as_customer().get(PATH)).status == 403
    assert (await client.as_staff("orders.read").get(PATH)).status == 403
    assert (await client.as_api_key("audit.read").get(PATH)).status == 200
