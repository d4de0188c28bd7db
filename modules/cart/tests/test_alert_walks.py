"""Whatever happens to price and stock, in whatever order: each asking is answered by one mail at the most."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from feria_cart.alerts import sending
from feria_cart.jobs import send_alerts
from feria_core import db, jobs
from feria_core.jobs import JobContext, Superseded
from feria_core.testing.work import run_jobs

STEPS = 40


@dataclass
class Expected:
    """What a person who waits for a variant ought to hear of."""

    price: int = 1_000
    available: int = 0
    waiting: dict[str, int] = field(default_factory=dict)  # kind: price when asked
    seen_out: bool = False
    mails: int = 0

    def ask(self, kind: str) -> None:
        self.waiting.setdefault(kind, self.price)
        if kind == "back_in_stock" and self.available == 0:
            self.seen_out = True

    def look(self) -> None:
        if self.available == 0:
            self.seen_out = self.seen_out or "back_in_stock" in self.waiting
            return
        if "back_in_stock" in self.waiting and self.seen_out:
            self._told("back_in_stock")
            self.seen_out = False
        if self.price < self.waiting.get("price_drop", 0):
            self._told("price_drop")

    def _told(self, kind: str) -> None:
        del self.waiting[kind]
        self.mails += 1


async def look_by_many(announce, variant, product_id) -> None:
    """Let events, the regular look, walks of other workers and one that dies all come at once."""

    async def walk() -> None:
        async with db.transaction():
            await sending.send_batch(product_id, after=sending.FIRST, key=b"k" * 32)

    async def die() -> None:
        lost = JobContext(product_id, "cart.send_alerts", dispatch=99, attempt=1, max_attempts=8)
        with pytest.raises(Superseded):
            await send_alerts(lost, product_id=str(product_id), after=str(sending.FIRST))

    async with db.transaction():
        await sending.look([product_id])
        await jobs.enqueue("cart.check_alerts")
    await asyncio.gather(walk(), die(), walk(), run_jobs(rounds=200))
    await announce(variant, variant)


@pytest.mark.parametrize("seed", range(6))
async def test_every_asking_is_answered_once_at_the_most(customer, people, catalog, announce, mailbox, seed):
    chance = random.Random(seed)
    expected = Expected()
    variant = catalog.put(price=expected.price, available=expected.available)
    product_id = catalog.shelf[UUID(variant)].product_id
    for _ in range(STEPS):
        step = chance.choice(["ask", "ask", "price", "stock", "stock", "look", "look", "crowd"])
        if step == "ask":
            kind = chance.choice(["back_in_stock", "price_drop"])
            await customer.post("/api/alerts", {"variant_id": variant, "kind": kind})
            expected.ask(kind)
        elif step == "price":
            expected.price = chance.randint(990, 1_010)
            catalog.change(variant, price=expected.price)
        elif step == "stock":
            expected.available = chance.choice([0, 5])
            catalog.change(variant, available=expected.available)
        else:
            expected.look()
            await (announce(variant) if step == "look" else look_by_many(announce, variant, product_id))
            assert len(mailbox.mails()) == expected.mails
    waiting = (await customer.get("/api/alerts")).json["items"]
    assert {alert["kind"] for alert in waiting if alert["notified_at"] is None} == set(expected.waiting)
    assert expected.mails > 0
