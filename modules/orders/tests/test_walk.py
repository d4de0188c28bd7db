"""A random walk over order, payment, fulfilment and return: whatever is called in whatever order, nothing is lost.

The machine runs in a thread of its own and hands its calls to the loop of the application, one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from feria_core import db
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs
from feria_orders import checks, checks_pieces

EXPECTED = {200, 201, 404, 409, 422}
counts = st.lists(st.integers(0, 3), min_size=3, max_size=3)


class Walk(RuleBasedStateMachine):
    """One order of three lines, and everything that its buyer, staff and the provider can do with it."""

    loop: asyncio.AbstractEventLoop
    buy: Callable[..., Awaitable[Any]]
    stocked: Callable[..., Awaitable[Any]]
    shop: Any
    ledger: Any

    def run(self, work: Awaitable[Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)  # type: ignore[arg-type]

    @initialize(
        status=st.sampled_from(["paid", "paid", "pending", "authorized"]), tax=st.integers(0, 999),
        shipping=st.integers(0, 999), included=st.booleans(),
    )  # fmt: skip
    def place(self, status: str, tax: int, shipping: int, included: bool) -> None:
        async def work() -> None:
            self.lines = [await self.stocked(price, n, stock=10) for price, n in ((999, 3), (1, 2), (3333, 1))]
            self.order = await self.buy(self.lines, status=status, tax=tax, shipping=shipping, tax_included=included)
            self.returns: list[str] = []

        self.run(work())

    async def call(self, path: str, body: Any = None, *, client: Any = None) -> Any:
        reply = await (client or self.shop).post(path, body or {}, headers={"Idempotency-Key": new_id().hex})
        assert reply.status in EXPECTED, reply.body
        return reply

    def act(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.run(self.call(path, body, **options))

    @rule(counts=counts, status=st.sampled_from(["pending", "shipped"]))
    def send(self, counts: list[int], status: str) -> None:
        self.act(f"{self.order.admin}/fulfilments", {"items": self.order.pieces(*counts), "status": status})

    @rule(which=st.integers(0, 5), status=st.sampled_from(["shipped", "delivered", "delivered", "cancelled"]))
    def move_parcel(self, which: int, status: str) -> None:
        async def work() -> None:
            parcels = (await self.order.json())["fulfilments"]
            if parcels:
                path = f"{self.order.admin}/fulfilments/{parcels[which % len(parcels)]['id']}"
                assert (await self.shop.patch(path, {"status": status})).status in EXPECTED

        self.run(work())

    @rule(counts=counts, restock=st.booleans(), refund=st.booleans())
    def cancel_pieces(self, counts: list[int], restock: bool, refund: bool) -> None:
        body = {"items": self.order.pieces(*counts), "restock": restock, "refund": refund}
        self.act(f"{self.order.admin}/cancel", body)

    @rule()
    def cancel(self) -> None:
        self.act(f"{self.order.path}/cancel", client=self.order.buyer)

    @rule(counts=counts, amount=st.none() | st.integers(0, 9000), restock=st.booleans(), shipping=st.booleans())
    def refund(self, counts: list[int], amount: int | None, restock: bool, shipping: bool) -> None:
        body: dict[str, Any] = {"items": self.order.pieces(*counts), "restock": restock, "include_shipping": shipping}
        if amount is not None:
            body["amount"] = {"amount": amount, "currency": "USD"}
        self.act(f"{self.order.admin}/refunds", body)

    @rule(counts=counts)
    def ask_for_return(self, counts: list[int]) -> None:
        body = {"items": self.order.pieces(*counts), "reason": "other"}
        reply = self.act(f"{self.order.path}/returns", body, client=self.order.buyer)
        if reply.status == 201:
            self.returns.append(reply.json["id"])

    @rule(which=st.integers(0, 5), what=st.sampled_from(["approve", "approve", "reject"]))
    def decide(self, which: int, what: str) -> None:
        if self.returns:
            self.act(f"/api/admin/returns/{self.returns[which % len(self.returns)]}/{what}")

    @rule(which=st.integers(0, 5), damaged=st.integers(0, 2), restock=st.booleans(), refund=st.booleans())
    def receive(self, which: int, damaged: int, restock: bool, refund: bool) -> None:
        if self.returns:
            arrived = [{"item_id": self.order.items[0], "resellable": 1, "damaged": damaged}] if damaged else []
            body = {"items": arrived, "restock": restock, "refund": refund}
            self.act(f"/api/admin/returns/{self.returns[which % len(self.returns)]}/receive", body)

    @rule()
    def note_received(self) -> None:
        self.act(f"{self.order.admin}/payments/received")

    @rule()
    def capture(self) -> None:
        self.act(f"{self.order.admin}/payments/capture")

    @rule(succeed=st.booleans())
    def provider_answers(self, succeed: bool) -> None:
        async def work() -> None:
            await self.ledger.settle(succeed=succeed)
            assert "dead" not in await run_jobs()

        self.run(work())

    @invariant()
    def all_adds_up(self) -> None:
        if hasattr(self, "order"):
            self.run(self.check())

    async def check(self) -> None:
        order_id = self.order.ref.id
        async with db.transaction():
            balance = await self.ledger.balance(order_id)
        document = await self.order.json()
        back = balance.refunded.amount + balance.refunding.amount
        assert back <= balance.captured.amount <= document["grand_total"]["amount"]
        assert document["refunded_total"]["amount"] == back
        for item, line in zip(document["items"], self.lines, strict=True):
            assert item["shipped"] + item["cancelled"] <= item["quantity"]
            assert max(item["returned"], item["delivered"]) <= item["shipped"]
            row = await db.fetch_one(
                "SELECT s.on_hand, l.restocked, (SELECT sum(change) FROM catalog_stock_movement AS m"
                " WHERE m.variant_id = s.variant_id) AS moved FROM catalog_stock AS s"
                " JOIN orders_line AS l ON l.variant_id = s.variant_id WHERE s.variant_id = $1",
                line.variant_id,
            )
            assert row is not None
            assert row["on_hand"] == row["moved"] == 10 + row["restocked"]
        for check in (checks.totals_add_up, checks_pieces.pieces_add_up, checks_pieces.refunds_add_up,
                      checks_pieces.states_follow, checks_pieces.orders_and_payments):  # fmt: skip
            assert await check() == []


async def walk(examples: int, steps: int, **parts: Any) -> None:
    Walk.loop = asyncio.get_running_loop()
    for name, part in parts.items():
        setattr(Walk, name, staticmethod(part) if callable(part) else part)
    rules = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    await asyncio.to_thread(run_state_machine_as_test, Walk, settings=rules)


async def test_a_random_walk_loses_nothing(buy, stocked, shop, ledger):
    await walk(4, 20, buy=buy, stocked=stocked, shop=shop, ledger=ledger)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("thousand", range(10))
async def test_ten_thousand_random_steps_lose_nothing(buy, stocked, shop, ledger, thousand):
    await walk(20, 50, buy=buy, stocked=stocked, shop=shop, ledger=ledger)
