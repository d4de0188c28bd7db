"""A million codes made by a real worker: how long, in how much memory, and what finding one costs then."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from test_flash_sale import staff
from test_race import Buyer, Fleet, running_fleet

from feria_core._internal.migrations import connect
from feria_core.testing.databases import cloned_database
from feria_promotions.adjusting import FIND_CODE
from feria_promotions.folding import folded

pytestmark = [pytest.mark.journey, pytest.mark.soak]

COUNT = 1_000_000
LONGEST_S, MOST_BYTES = 60, 200_000_000


@pytest.fixture(scope="module")
def fleet(
    server_urls: tuple[str, str], plugins_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    with cloned_database(server_urls[0], f"feria_codes_{os.getpid()}") as url:
        yield from running_fleet(url, server_urls[1], plugins_file, tmp_path_factory.mktemp("fleet"))


def largest_worker_bytes() -> int:
    """Return the resident memory of the largest worker process now."""
    children = psutil.Process().children(recursive=True)
    return max(child.memory_info().rss for child in children if "feria_workers" in " ".join(child.cmdline()))


async def until_made(owner: Buyer, path: str) -> int:
    """Wait for the batch; return the most memory that a worker had meanwhile."""
    peak, deadline = 0, time.monotonic() + LONGEST_S * 3
    while time.monotonic() < deadline:
        peak = max(peak, largest_worker_bytes())
        _, listed = await owner.call("GET", f"{path}?limit=1")
        if listed["batches"][0]["made"] == COUNT:
            return peak
        await asyncio.sleep(0.25)
    raise AssertionError(f"only {listed['batches'][0]['made']} of {COUNT} codes were made")


async def test_a_million_codes_are_made_in_a_minute_and_in_bounded_memory_and_one_is_found_by_its_index(
    fleet: Fleet,
) -> None:
    async with staff(fleet) as owner:
        body = {"name": "VIP", "kind": "percent", "value": 10}
        _, promotion = await owner.call("POST", "/api/admin/promotions", body)
        path = f"/api/admin/promotions/{promotion['id']}/codes"
        began = time.monotonic()
        status, made = await owner.call("POST", path, {"count": COUNT, "prefix": "VIP"})
        assert status == 202, made
        peak = await until_made(owner, path)
        took_s = time.monotonic() - began
    found = await _looked_up(fleet)
    sys.stdout.write(f"{COUNT} codes: {took_s:.1f} s, {peak / 1e6:.0f} MB; looking one up: {found} blocks\n")
    assert peak < MOST_BYTES
    assert took_s < LONGEST_S


async def _looked_up(fleet: Fleet) -> int:
    """Return how many blocks of the index and the tables it takes to find a code; fail where it is no index scan."""
    connection = await connect(fleet.database_url)
    try:
        assert await connection.fetchval("SELECT count(DISTINCT folded) FROM promotions_code") == COUNT
        await connection.execute("ANALYZE promotions_code")
        code = await connection.fetchval("SELECT code FROM promotions_code ORDER BY id OFFSET 500000 LIMIT 1")
        row = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {FIND_CODE}", folded(code))
    finally:
        await connection.close()
    plan = orjson.loads(row)[0]["Plan"]
    scans = {node["Relation Name"]: node for node in _nodes(plan) if "Relation Name" in node}
    assert scans["promotions_code"]["Node Type"] == "Index Scan"
    assert scans["promotions_code"]["Index Name"] == "promotions_code_folded_key"
    blocks: int = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert blocks < 10
    return blocks


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
