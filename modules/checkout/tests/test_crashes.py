"""The crash table: the process dies before each statement of paying and completing, and nothing is lost or doubled."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import orjson
import pytest
import pytest_asyncio

from feria_checkout.providers import find_provider
from feria_checkout.service import reconciling
from feria_core import db
from feria_core.embedded import start_servers
from feria_core.testing.crashing import Nursery
from feria_core.testing.work import run_jobs

FEW = 6
LEAST = 20
STOCK = 10
# Of the gateway no answer may be missed here because the machine is busy: one that was is a checkout that expires.
PATIENCE_S = 60
PROVIDERS = ("manual", "stripe", "paypal")
# How the shop hears of the payment: as the process died, nobody says anything; a webhook came before the shopper's
# call, and the worker that acts on it dies, or the process of the call; one comes after the crash; the shopper repeats
# the call with his key.
NEWS = ("nobody", "webhook_before", "webhook_after", "shopper")


@pytest.fixture(scope="module")
def nursery(
    plugins_file, database_url, server_urls, mailbox, module_environment, tmp_path_factory
) -> Iterator[Nursery]:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": server_urls[1],
        "FERIA_CORE__SMTP_HOST": "127.0.0.1",
        "FERIA_CORE__SMTP_PORT": str(mailbox.port),
        "FERIA_CORE__LOG_LEVEL": "error",
        "FERIA_CORE__POOL_SIZE": "2",
        "FERIA_CHECKOUT__PROVIDER_DEADLINE_S": str(PATIENCE_S),
        "FERIA_CORE__MEDIA_DIR": str(tmp_path_factory.mktemp("crashes") / "media"),
        **module_environment,
    }
    with Nursery(plugins_file, environment) as running:
        yield running


@dataclass
class Crash:
    """One shopper whose shop dies while he pays or completes."""

    shop: object
    gateway: object
    nursery: Nursery
    provider: str
    step: str
    news: str

    async def happen(self, kill_before: int | None, *, worker: int | None = None):
        """Let the process die before that statement, or the worker before its; return what became of the request.

        Of a worker that died the outcome is returned: nobody calls then.
        """
        shop = self.shop
        self.variant = await shop.variant(stock=STOCK)
        self.before = shop.money()
        self.orders = await shop.orders()
        self.buyer = await shop.ready(self.variant)
        self.total = await self.buyer.total()
        self.key = str(uuid.uuid4())
        if self.step == "complete":
            await self.buyer.pay(self.provider)
            await self.agree()
        if self.news == "webhook_before":
            await self.send()
            self.worked = await self.nursery.work(kill_before=worker)
            if self.worked.was_killed:
                return self.worked
        return await self.call(kill_before)

    async def call(self, kill_before: int | None):
        body = {"expected_total": self.total} if self.step == "complete" else {"provider": self.provider}
        path = f"{self.buyer.path}/complete" if self.step == "complete" else f"{self.buyer.path}/payments"
        headers = {**self.buyer.client.headers, "Idempotency-Key": self.key}
        return await self.nursery.request("POST", path, body, headers, kill_before=kill_before)

    async def agree(self) -> None:
        """Do at the gateway what the shopper does."""
        reference = await self.reference()
        if self.provider == "stripe":
            await self.gateway.pay(reference)
        elif self.provider == "paypal":
            await self.gateway.paypal.approve(reference)

    async def reference(self) -> str | None:
        row = await db.fetch_one("SELECT id, reference FROM checkout_payment ORDER BY created_at DESC, id DESC LIMIT 1")
        if row is None or row["reference"] is not None or self.provider == "manual":
            return row["reference"] if row else None
        if self.provider == "stripe":
            known = self.gateway.books.state.intents.values()
            return next((i.id for i in known if i.metadata.get("payment_id") == str(row["id"])), None)
        orders = self.gateway.paypal.ledger.state.orders.values()
        return next((order.id for order in orders if order.invoice_id == str(row["id"])), None)

    async def tell(self) -> None:
        """Send the gateway's webhook and let a worker act on it."""
        await self.send()
        await run_jobs()

    async def send(self) -> None:
        """Send the gateway's webhook."""
        reference = await self.reference()
        if self.provider == "stripe" and reference:
            await self.shop.send_event(reference)
        elif self.provider == "paypal" and reference:
            kind, event_id = "CHECKOUT.ORDER.APPROVED", f"WH-{uuid.uuid4()}"
            body = orjson.dumps({"id": event_id, "event_type": kind, "resource": {"id": reference}})
            path, headers = "/api/payments/paypal/webhook", self.gateway.paypal.sign(body)
            assert (await self.shop.client.call("POST", path, data=body, headers=headers)).status == 200

    async def recover(self, clock) -> None:
        """Let time, workers and whoever brings the news do what they do after a crash."""
        if self.news == "webhook_after":
            await self.tell()
        clock.move(seconds=61)  # the claim of the key is free again
        if self.news == "shopper":
            outcome = await self.shop.client.call(
                "POST",
                f"{self.buyer.path}/{'complete' if self.step == 'complete' else 'payments'}",
                json={"expected_total": self.total} if self.step == "complete" else {"provider": self.provider},
                headers={**self.buyer.client.headers, "Idempotency-Key": self.key},
            )
            assert outcome.status == 201, outcome.body
        clock.move(minutes=6)
        await reconciling.reconcile()
        await run_jobs()
        clock.move(minutes=20)
        await reconciling.expire()
        await run_jobs()
        clock.move(minutes=6)
        await reconciling.reconcile()
        await run_jobs()

    async def check(self) -> int:
        """One order and one capture and the stock gone, or nothing at all; return how many orders there are."""
        shop = self.shop
        made = await shop.orders() - self.orders
        taken, given = (after - before for after, before in zip(shop.money(), self.before, strict=True))
        assert made in {0, 1}
        assert given == 0
        expected = self.total["amount"] if made and self.provider != "manual" else 0
        assert taken == expected
        assert await shop.available(self.variant) == await shop.on_hand(self.variant) == STOCK - made
        rows = await db.fetch_all(
            "SELECT state, order_id IS NOT NULL AS is_ordered FROM checkout_checkout WHERE id = $1",
            uuid.UUID(self.buyer.id),
        )
        assert [(row["state"], row["is_ordered"]) for row in rows] == [
            ("completed", True) if made else ("expired", False)
        ]
        return made


@pytest_asyncio.fixture(loop_scope="session")
async def crash(shop, gateway, nursery, monkeypatch) -> AsyncIterator[object]:
    for provider in ("stripe", "paypal"):
        monkeypatch.setattr(find_provider(provider).breaker, "deadline_s", PATIENCE_S)

    def make(provider: str, step: str, news: str) -> Crash:
        return Crash(shop, gateway, nursery, provider, step, news)

    yield make


def points(statements: int, *, few: bool) -> list[int]:
    """Return before which statements to die."""
    return sorted({1 + (statements - 1) * i // (FEW - 1) for i in range(FEW)}) if few else [*range(1, statements + 1)]


async def walk(crash, provider, step, news, clock, *, few: bool) -> list[int]:
    """Die before every statement (or a few of them); return the orders that came of each."""
    whole = crash(provider, step, news)
    outcome = await whole.happen(None)
    assert outcome.status == 201, outcome.body
    await whole.recover(clock)
    await whole.check()
    deaths = [{"kill_before": point} for point in points(outcome.statements, few=few)]
    if news == "webhook_before" and provider != "manual":
        deaths += [{"kill_before": None, "worker": n} for n in points(whole.worked.statements, few=few)]
    made = []
    for death in deaths:
        one = crash(provider, step, news)
        outcome = await one.happen(**death)
        await one.recover(clock)
        orders = await one.check()
        if outcome.was_killed:
            made.append(orders)
        else:  # the first walk asked more, which a process asks but once
            asked = outcome if death["kill_before"] else one.worked
            assert asked.statements < max(point for point in death.values() if point)
    return made


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_death_while_completing_leaves_one_order_or_none(crash, clock, provider):
    made = await walk(crash, provider, "complete", "nobody", clock, few=True)
    # What was paid is ordered, whoever died; an order on the shopper's word is made with its commit or not at all.
    assert set(made) == ({0, 1} if provider == "manual" else {1})


@pytest.mark.parametrize("news", NEWS[1:])
@pytest.mark.parametrize("provider", ["stripe", "paypal"])
async def test_however_the_news_comes_there_is_one_order(crash, clock, provider, news):
    assert set(await walk(crash, provider, "complete", news, clock, few=True)) == {1}


async def test_the_shopper_on_invoice_repeats_and_has_one_order(crash, clock):
    assert set(await walk(crash, "manual", "complete", "shopper", clock, few=True)) == {1}


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
async def test_a_death_while_opening_a_payment_leaves_nothing_held(crash, clock, provider):
    assert set(await walk(crash, provider, "pay", "nobody", clock, few=True)) == {0}


@pytest.mark.soak
@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_whole_table(crash, clock, provider, news):
    made = await walk(crash, provider, "complete", news, clock, few=False)
    assert len(made) >= LEAST
    if provider != "manual" or news == "shopper":
        assert set(made) == {1}
    print(f"{provider} {news}: {len(made)} deaths, {sum(made)} orders")  # noqa: T201 - the table itself


@pytest.mark.soak
@pytest.mark.parametrize("news", ["nobody", "shopper"])
@pytest.mark.parametrize("provider", ["stripe", "paypal"])
async def test_the_whole_table_of_opening_a_payment(crash, clock, provider, news):
    made = await walk(crash, provider, "pay", news, clock, few=False)
    assert set(made) == {0}
    print(f"{provider} {news}: {len(made)} deaths while opening")  # noqa: T201


async def test_the_same_key_after_a_restart_and_with_an_emptied_redis_gives_the_same_bytes(
    shop, plugins_file, database_url, module_environment, tmp_path
):
    emptied = start_servers(tmp_path / "redis", database_url=database_url, fast=True)
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": emptied.urls.redis_url,
        "FERIA_CORE__LOG_LEVEL": "error",
        "FERIA_CORE__POOL_SIZE": "2",
        "FERIA_CORE__MEDIA_DIR": str(tmp_path / "media"),
        **module_environment,
    }
    buyer = await shop.ready()
    await buyer.pay()
    total, key = await buyer.total(), str(uuid.uuid4())
    first = await buyer.complete(key=key, expected=total)
    assert first.status == 201
    path, headers = f"{buyer.path}/complete", {**buyer.client.headers, "Idempotency-Key": key}
    try:
        with Nursery(plugins_file, environment) as restarted:
            again = await restarted.request("POST", path, {"expected_total": total}, headers)
    finally:
        emptied.stop()
    assert (again.status, again.body) == (201, first.body)
    assert await shop.orders() == 1
