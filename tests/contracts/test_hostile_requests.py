"""Headers, methods and targets that no well-behaved client sends: in process, and over a socket to `feria serve`."""

from __future__ import annotations

from typing import Any

import orjson
from hostile_headers import HEADERS, VALUES
from hostile_shop import Shop
from hostile_wire import Findings

from feria_core.testing.client import ApiClient

NOWHERE = [
    b"/",
    b"//",
    b"/api",
    b"/api/",
    b"/api//products",
    b"/%00",
    b"/api/%00",
    b"/\xff",
    b"/%ff",
    b"/..",
    b"/a" * 10_000,
    b"/api/products/../../etc/passwd",
    b"/api/products/%2e%2e",
    b"/admin",
    b"/api/products/",
    b"//evil.example/x",
    b"/%ed%a0%80",
    b"/\xed\xa0\x80",
    b"/" + b"%f0%9f%92%a9" * 5000,
    b"*",
    b"",
    b"http://evil.example/api/cart",
]
METHODS = [
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "get",
    "G" * 1000,
    "PATCH",
    "POST",
    "PUT",
    "DELETE",
    "GET",
    "_",
]


async def test_anything_in_any_header(shop: Shop) -> None:
    findings = Findings()
    for route in shop.routes:
        await shop.stock()
        people = shop.those_who_may(route)
        body = orjson.dumps(shop.body_of(route) or {})
        for turn, (name, value) in enumerate((name, value) for name in HEADERS for value in VALUES):
            if route.rule == "/api/cart" or turn % 31 == shop.routes.index(route) % 31:
                heard = await shop.ask(route, people[turn % len(people)], headers=((name, value),), body=body)
                findings.judge(str(route), f"{name!r}: {value[:60]!r}", heard, value)
    findings.assert_none()


async def test_headers_that_come_twice_or_thousandfold(shop: Shop) -> None:
    findings = Findings()
    for route in shop.routes:
        await shop.stock()
        person = shop.those_who_may(route)[0]
        body = orjson.dumps(shop.body_of(route) or {})
        crowds = [
            tuple((name, b"a") for name in HEADERS for _ in range(2)),
            tuple((b"x-%d" % n, b"a") for n in range(5000)),
        ]
        for headers in crowds:
            findings.judge(str(route), headers[0], await shop.ask(route, person, headers=headers, body=body))
    findings.assert_none()


async def test_every_method_on_every_path(shop: Shop) -> None:
    findings = Findings()
    for rule in sorted({route.rule for route in shop.routes}):
        await shop.stock()
        for method in METHODS:
            route = next(route for route in shop.routes if route.rule == rule)
            heard = await shop.wire.send(method, shop.path(route), headers=shop.people[0].headers, body=b"{}")
            if method == "HEAD":
                assert heard.status < 500
                continue
            findings.judge(f"{method[:10]} {rule}", "", heard)
    findings.assert_none()


async def test_paths_that_nothing_serves(shop: Shop) -> None:
    findings = Findings()
    for path in NOWHERE:
        for method in ("GET", "POST", "OPTIONS", "DELETE"):
            findings.judge(method, path[:60], await shop.wire.send(method, path))
    findings.assert_none()


async def test_methods_that_somebody_made_up_are_counted_as_one(client: ApiClient) -> None:
    """Each name would be a time series of its own, for as long as the process lives."""
    for number in range(3):
        await client.call(f"MADEUP{number}", "/api/modules")
    metrics = (await client.get("/metrics")).body
    assert b"MADEUP" not in metrics
    assert b'method="other"' in metrics


async def test_answers_to_made_up_queries_do_not_fill_the_memory(shop: Shop) -> None:
    from feria_core.http.response_cache import ResponseCache

    cache: Any = shop.app.asgi_app
    assert isinstance(cache, ResponseCache)
    cache.clear()
    assert cache.is_trusted
    before = cache.max_bytes
    cache.max_bytes = 2_000_000
    try:
        for number in range(100):
            heard = await shop.wire.send("GET", f"/api/categories?{number}={'x' * 60_000}")
            assert heard.status == 200
        assert sum(len(path) + len(query) for path, query, *_ in cache._entries) < 2_000_000
    finally:
        cache.max_bytes = before
        cache.clear()


async def test_the_memory_of_languages_is_small(shop: Shop) -> None:
    """Whole headers as keys would be as large as anybody wants."""
    from feria_core.http import request

    request.best_locale("es" + "," * 100_000, ("en", "es"))
    remembered = request._best_locale.cache_info().currsize
    request.best_locale("es" + "," * 200_000, ("en", "es"))
    assert request._best_locale.cache_info().currsize == remembered
