"""Adding to a cart of twenty lines and reading it, with fifty live promotions, against the bare statements."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvloop
from tests.benchmarks.environment import Bench, serving, web
from tests.benchmarks.load import Measured, measure_requests

from feria_core import db
from feria_core.testing.ports import free_port

CONNECTIONS, LINES, PROMOTIONS, CARTS = 16, 20, 50, 64
WEB_PROCESSES, ROUNDS = 2, 3
RATIO = "add to cart and read / the same statements by bare asyncpg"
P95 = "p95 of add and read at 16 connections, ms"

Call = tuple[str, tuple[Any, ...]]


def use_carts(bench: Bench, seconds: float) -> tuple[dict[str, Measured], list[tuple[str, float, str]]]:
    """Return pairs of add and read per second, by bare asyncpg and by the shop, and what the targets say.

    Both in turns, three times each for a third of `seconds`; the round whose ratio is the median counts, and the
    highest p95 of all rounds.
    """
    bench.run(_make_promotions)
    port = free_port()
    rounds: list[tuple[Measured, Measured]] = []
    with serving(web(port, processes=WEB_PROCESSES), bench.environment, port, "/readyz") as (base, _):
        with urllib.request.urlopen(f"{base}/api/products?limit=100") as answer:
            variants = [item["default_variant_id"] for item in json.load(answer)["items"]]
        tokens = [_fill_cart(base, variants, number) for number in range(CARTS)]
        pairs = [_requests(base, *token) for token in tokens]
        calls = bench.run(lambda: _recorded([token for token, _ in tokens], [variant for _, variant in tokens]))
        for _ in range(ROUNDS):
            shop = uvloop.run(measure_requests(base, pairs, connections=CONNECTIONS, seconds=seconds / ROUNDS))
            rounds.append((shop, uvloop.run(_bare(bench, calls, seconds / ROUNDS))))
    shop, bare = sorted(rounds, key=lambda one: one[0].per_second / one[1].per_second)[ROUNDS // 2]
    found = {
        "cart, add and read, by bare asyncpg": bare,
        f"cart, add and read, {WEB_PROCESSES} web processes": shop,
    }
    slowest = max(one.p95_ms for one, _ in rounds)
    return found, [(RATIO, shop.per_second / bare.per_second, "at least 0.6"), (P95, slowest, "below 50")]


async def _make_promotions() -> None:
    """Fifty promotions of every kind: some apply, some are blocked, every fifth is limited."""
    from feria_promotions.schemas import PromotionBody
    from feria_promotions.staff import promotions

    kinds: list[dict[str, Any]] = [
        {"kind": "percent", "value": 3},
        {"kind": "percent", "value": 5, "conditions": {"brands": ["brand-7", "brand-8"]}},
        {"kind": "fixed", "value": {"amount": 200, "currency": "USD"}, "conditions": {"categories": ["branch-1"]}},
        {"kind": "tiers", "tiers": [{"quantity": 10, "percent": 1}, {"quantity": 50, "percent": 2}]},
        {"kind": "percent", "value": 2, "conditions": {"minimum_total": {"amount": 10**9, "currency": "USD"}}},
        {"kind": "buy_x_get_y", "buy": {"quantity": 3, "get": 1, "percent": 10, "times": 1}},
        {"kind": "percent", "value": 1, "stacking": "best", "lane": "season"},
        {"kind": "free_shipping", "conditions": {"minimum_quantity": 1000}},
        {"kind": "percent", "value": 4, "conditions": {"first_order": True}},
        {"kind": "percent", "value": 1, "stacking": "exclusive"},
    ]
    for number, kind in zip(range(PROMOTIONS), itertools.cycle(kinds)):
        limit = {"usage_limit": 10**6} if number % 5 == 0 else {}
        await promotions.create(PromotionBody.model_validate({"name": f"P{number}", **kind, **limit}))


def _fill_cart(base: str, variants: list[str], number: int) -> tuple[str, str]:
    """Put twenty things into a new cart; return its token and one of them."""
    chosen = random.Random(number).sample(variants, LINES)
    token = ""
    for variant in chosen:
        headers = {"Content-Type": "application/json", **({"Cart-Token": token} if token else {})}
        body = json.dumps({"variant_id": variant, "quantity": 1}).encode()
        request = urllib.request.Request(f"{base}/api/cart/items", data=body, headers=headers)
        with urllib.request.urlopen(request) as answer:
            token = answer.headers["Cart-Token"]
    return token, chosen[0]


def _requests(base: str, token: str, variant: str) -> list[bytes]:
    host = base.removeprefix("http://")
    body = json.dumps({"variant_id": variant, "quantity": 1})
    head = f"Host: {host}\r\nCart-Token: {token}\r\n"
    add = (
        f"POST /api/cart/items HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return [(add + body).encode(), f"GET /api/cart HTTP/1.1\r\n{head}\r\n".encode()]


async def _recorded(tokens: list[str], variants: list[str]) -> list[list[Call]]:
    """Return the statements that the shop runs to add and to read, of each cart, transactions included."""
    from feria_cart.domain import Shopper
    from feria_cart.service import changing, looking
    from feria_core.contracts.cart import CartOwner

    recorded = []
    for token, variant in zip(tokens, variants, strict=True):
        who = Shopper(CartOwner(cart_token=token))
        await looking.view(who)  # what is on offer is read once in a process
        with _recording() as calls:
            await changing.add(who, variant, 1)
            await looking.view(who, agrees=True)
            await looking.view(who)
        recorded.append(calls)
    return recorded


@contextmanager
def _recording() -> Iterator[list[Call]]:
    calls: list[Call] = []
    names = ("fetch_all", "fetch_one", "fetch_value", "execute")
    before = {name: getattr(db, name) for name in names}
    transaction = db.transaction

    def noted(name: str) -> Any:
        async def call(sql: str, *values: Any) -> Any:
            calls.append((sql, values))
            return await before[name](sql, *values)

        return call

    @contextmanager
    def _bounds() -> Iterator[None]:
        calls.append(("BEGIN", ()))
        yield
        calls.append(("COMMIT", ()))

    class Transaction:
        def __init__(self) -> None:
            self._inner, self._noted = transaction(), _bounds()

        async def __aenter__(self) -> Any:
            self._noted.__enter__()
            return await self._inner.__aenter__()

        async def __aexit__(
            self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
        ) -> Any:
            self._noted.__exit__(kind, error, traceback)
            return await self._inner.__aexit__(kind, error, traceback)

    for name in names:
        setattr(db, name, noted(name))
    db.transaction = Transaction
    try:
        yield calls
    finally:
        for name, function in before.items():
            setattr(db, name, function)
        db.transaction = transaction


class _Kept(asyncpg.Connection):  # type: ignore[misc]
    """A connection of asyncpg's own that is handed back without a round trip."""

    def get_reset_query(self) -> str:
        return ""


async def _bare(bench: Bench, recorded: list[list[Call]], seconds: float) -> Measured:
    """Run the statements as the shop does, without framework, prices or encoding.

    asyncpg's own pool without its waits (as large as one web process's, no statement to reset a connection), the same
    event loop, a connection for each transaction and for each statement outside of one.
    """
    url = bench.environment["DATABASE_URL"]
    pool = await asyncpg.create_pool(
        url, min_size=CONNECTIONS, max_size=CONNECTIONS, connection_class=_Kept, server_settings={"jit": "off"}
    )
    latencies: list[float] = []

    async def loop(number: int, until: float) -> None:
        # As the shop's load does: no two connections use one cart at a time.
        turn = itertools.cycle(recorded[number::CONNECTIONS])
        while time.perf_counter() < until:
            began = time.perf_counter()
            for unit in _units(next(turn)):
                async with pool.acquire() as connection:
                    for sql, values in unit:
                        await connection.fetch(sql, *_fresh(sql, values))
            latencies.append(time.perf_counter() - began)

    for length in (seconds / 5, seconds):
        latencies.clear()
        began = time.perf_counter()
        await asyncio.gather(*(loop(number, began + length) for number in range(CONNECTIONS)))
        took = time.perf_counter() - began
    await pool.close()
    ordered = sorted(latencies)
    return Measured(len(ordered) / took, ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3, 0)


def _units(calls: list[Call]) -> Iterator[list[Call]]:
    """Give what goes over one connection without a pause: a whole transaction, or one statement."""
    unit: list[Call] = []
    for call in calls:
        unit.append(call)
        if unit[0][0] != "BEGIN" or call[0] == "COMMIT":
            yield unit
            unit = []


def _fresh(sql: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values with a new id where the statement writes a row of its own each time."""
    is_row = sql.lstrip().startswith("INSERT INTO core_outbox") and isinstance(values[0], UUID)
    return (uuid4(), *values[1:]) if is_row else values
