"""The response cache: ready bytes, dropped by tag, never filled with what a write made stale."""

from __future__ import annotations

import asyncio
from typing import Any

from feria_core.cache import SLOT, Kept
from feria_core.http.response_cache import ResponseCache


class Shop:
    """An application that counts its calls and can be held up in one."""

    def __init__(self) -> None:
        self.calls = 0
        self.text = b"old"
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        body = self.text
        await self.gate.wait()
        scope[SLOT] = Kept(60, {"catalog"})
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"' + body + b'"')]})
        await send({"type": "http.response.body", "body": body})


async def ask(cache: ResponseCache, path: str = "/api/products", **headers: str) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    await cache(scope, None, send)  # type: ignore[arg-type]
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


def cache_of(shop: Shop, max_bytes: int = 100_000) -> ResponseCache:
    cache = ResponseCache(shop, max_bytes=max_bytes, locales=("en", "es"))
    cache.is_trusted = True
    return cache


async def test_a_second_reader_is_served_from_memory_until_a_write_names_the_tag() -> None:
    shop = Shop()
    cache = cache_of(shop)
    assert [await ask(cache) for _ in range(3)] == [(200, b"old")] * 3
    assert shop.calls == 1
    shop.text = b"new"
    cache.drop(["other"])
    assert await ask(cache) == (200, b"old")
    cache.drop(["catalog"])
    assert await ask(cache) == (200, b"new")


async def test_a_reader_who_has_the_answer_gets_304() -> None:
    cache = cache_of(Shop())
    await ask(cache)
    assert await ask(cache, if_none_match='"old"') == (304, b"")


async def test_languages_are_kept_apart_and_a_person_is_never_served_from_memory() -> None:
    shop = Shop()
    cache = cache_of(shop)
    await ask(cache)
    await ask(cache, accept_language="es")
    assert shop.calls == 2
    await ask(cache, authorization="Bearer x")
    await ask(cache, cart_token="x")
    assert shop.calls == 4


async def test_an_answer_made_while_a_write_committed_is_not_kept() -> None:
    shop = Shop()
    cache = cache_of(shop)
    shop.gate.clear()
    reading = asyncio.create_task(ask(cache))
    await asyncio.sleep(0)
    shop.text = b"new"
    cache.drop(["catalog"])
    shop.gate.set()
    assert await reading == (200, b"old")
    assert await ask(cache) == (200, b"new")


async def test_a_hundred_readers_of_a_missing_answer_cost_one_call() -> None:
    shop = Shop()
    cache = cache_of(shop)
    shop.gate.clear()
    readers = [asyncio.create_task(ask(cache)) for _ in range(100)]
    await asyncio.sleep(0.01)
    shop.gate.set()
    assert {await reader for reader in readers} == {(200, b"old")}
    assert shop.calls == 1


async def test_nothing_is_served_from_memory_without_the_channel() -> None:
    shop = Shop()
    cache = cache_of(shop)
    await ask(cache)
    cache.is_trusted = False
    await ask(cache)
    assert shop.calls == 2


async def test_memory_is_bounded() -> None:
    shop = Shop()
    shop.text = b"x" * 1000
    cache = cache_of(shop, max_bytes=20_000)
    for number in range(100):
        await ask(cache, f"/api/products/{number}")
    assert cache._bytes <= 20_000
    await ask(cache, "/api/products/99")
    assert shop.calls == 100


async def test_an_answer_from_memory_says_that_its_body_has_ended() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/api/products", "query_string": b"", "headers": []}
    cache = cache_of(Shop())
    for _ in range(2):
        sent.clear()
        await cache(dict(scope), None, send)  # type: ignore[arg-type]
    # Quart's test client, from 0.23 on, does not take the default of the protocol for it.
    assert [message.get("more_body") for message in sent] == [None, False]
