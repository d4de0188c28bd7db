"""A flash sale with a cap under many buyers at once, and at its edges by the real clock, over real processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from test_race import ADDRESS, Buyer, Fleet, running_fleet, session

from feria_core.testing.databases import cloned_database

pytestmark = pytest.mark.journey

REGULAR, SALE = 1000, 500
# With 500 for shipping and the 13 % of tax at the buyers' address.
REGULAR_TOTAL, SALE_TOTAL = 1695, 1130
PASSWORD = "correct horse staple"


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


@pytest.fixture(scope="module")
def fleet(
    server_urls: tuple[str, str], plugins_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    with cloned_database(server_urls[0], f"feria_flash_{os.getpid()}") as url:
        yield from running_fleet(url, server_urls[1], plugins_file, tmp_path_factory.mktemp("fleet"))


@asynccontextmanager
async def staff(fleet: Fleet) -> AsyncIterator[Buyer]:
    """Give a signed-in owner of the shop."""
    email = f"{uuid4().hex}@example.com"
    command = [sys.executable, "-m", "feria_core.cli", "staff", "create", "--email", email, "--password-stdin"]
    subprocess.run(command, input=f"{PASSWORD}\n".encode(), env={**os.environ, **fleet.environment}, check=True)
    async with aiohttp.ClientSession() as http:
        owner = Buyer(http, fleet.base)
        _, tokens = await owner.call("POST", "/api/auth/login", {"email": email, "password": PASSWORD})
        owner.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        yield owner


async def on_sale(owner: Buyer, starts_at: datetime, ends_at: datetime, **item: Any) -> str:
    """Make a product that is on sale for that time; return its variant."""
    variant = {"sku": f"FLASH-{uuid4().hex[:8]}", "price": usd(REGULAR), "stock": 10_000}
    product = {"name": "Flash", "status": "published", "variants": [variant]}
    status, made = await owner.call("POST", "/api/admin/products", product)
    assert status == 201, made
    found: str = made["variants"][0]["id"]
    body = {
        "name": "Friday", "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(),
        "items": [{"variant_id": found, "price": usd(SALE), **item}],
    }  # fmt: skip
    status, sale = await owner.call("POST", "/api/admin/promotions/flash-sales", body)
    assert status == 201, sale
    return found


@pytest.mark.parametrize(("buyers", "cap"), [(60, 10), pytest.param(500, 50, marks=pytest.mark.soak)])
async def test_a_cap_is_sold_exactly_and_nobody_pays_more_without_being_told(
    fleet: Fleet, buyers: int, cap: int
) -> None:
    now = datetime.now(UTC)
    async with staff(fleet) as owner:
        variant = await on_sale(owner, now - timedelta(hours=1), now + timedelta(hours=2), cap=cap)
    gate = asyncio.Semaphore(64)

    async def buy(http: aiohttp.ClientSession) -> tuple[int, Any, int]:
        """Buy at the total that was shown; return the first refusal or the order, and that total."""
        buyer = Buyer(http, fleet.base)
        details = {"email": "b@example.com", "shipping_address": ADDRESS, "shipping_method": "standard"}
        async with gate:
            await buyer.add(variant)
            _, opened = await buyer.call("POST", "/api/checkouts")
            buyer.headers["Checkout-Token"] = opened["token"]
            path = f"/api/checkouts/{opened['id']}"
            _, checkout = await buyer.call("PATCH", path, details)
        shown = checkout["grand_total"]["amount"]
        async with gate:
            status, answer = await buyer.call(
                "POST", f"{path}/payments", {"provider": "manual"}, Idempotency_Key=str(uuid4())
            )
            if status == 201:
                status, answer = await buyer.complete(checkout)
        assert max(buyer.statuses) < 500
        return status, answer, shown

    async with session() as http:
        results = await asyncio.gather(*(buy(http) for _ in range(buyers)))
    orders = [(answer["grand_total"]["amount"], shown) for status, answer, shown in results if status == 201]
    assert Counter(paid for paid, _ in orders)[SALE_TOTAL] == cap
    # Whoever paid the normal price had been shown it; the others were told of the change, with the present total.
    assert all(paid == shown for paid, shown in orders)
    assert {paid for paid, _ in orders} <= {SALE_TOTAL, REGULAR_TOTAL}
    refused = [answer for status, answer, _ in results if status != 201]
    assert {answer["code"] for answer in refused} <= {"cart_changed"}
    assert {answer["grand_total"]["amount"] for answer in refused} <= {REGULAR_TOTAL}
    assert len(orders) + len(refused) == buyers


@pytest.mark.soak
async def test_within_a_second_of_both_edges_no_answer_has_a_price_outside_of_the_windows_rule(fleet: Fleet) -> None:
    async with staff(fleet) as owner:
        starts_at = datetime.now(UTC) + timedelta(seconds=10)
        ends_at = starts_at + timedelta(seconds=4)
        variant = await on_sale(owner, starts_at, ends_at)
    seen: list[tuple[datetime, datetime, int]] = []

    async def look(http: aiohttp.ClientSession) -> None:
        buyer = Buyer(http, fleet.base)
        _, cart = await buyer.add(variant)
        while datetime.now(UTC) < ends_at + timedelta(seconds=1):
            asked = datetime.now(UTC)
            _, cart = await buyer.call("GET", "/api/cart")
            seen.append((asked, datetime.now(UTC), cart["total"]["amount"]))

    async with session() as http:
        await asyncio.gather(*(look(http) for _ in range(4)))

    def near(edge: datetime) -> list[tuple[datetime, datetime, int]]:
        second = timedelta(seconds=1)
        return [one for one in seen if edge - second <= one[0] and one[1] <= edge + second]

    assert near(starts_at)
    assert near(ends_at)
    for asked, answered, total in seen:
        if answered < starts_at or asked >= ends_at:
            assert total == REGULAR
        elif asked >= starts_at and answered < ends_at:
            assert total == SALE
