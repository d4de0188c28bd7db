"""Bodies that are no document of their route at all: of another type, encoding or size."""

from __future__ import annotations

import orjson
from hostile_asking import say, with_bodies
from hostile_shop import Shop
from hostile_values import CONTENT_TYPES, MIB, strange_bodies
from hostile_wire import JSON, Findings

CHUNKED = (b"transfer-encoding", b"chunked")


async def test_bodies_that_are_no_document_of_the_route(shop: Shop) -> None:
    findings = Findings()
    for route in with_bodies(shop):
        await shop.stock()
        may_be_taken = {"keys twice", "a space more"} | (
            {"nothing"} if route.spec and route.spec.optional_body else set()
        )
        for person in shop.those_who_may(route):
            for name, sent in strange_bodies(shop.body_of(route)).items():
                heard = await say(findings, shop, route, person, name, sent)
                if name not in may_be_taken:
                    assert 400 <= heard.status < 500, f"{route} took {name}: {heard.status}"
    findings.assert_none()


async def test_bodies_of_other_content_types(shop: Shop) -> None:
    findings = Findings()
    for route in shop.routes:
        await shop.stock()
        person = shop.those_who_may(route)[-1]
        body = orjson.dumps(shop.body_of(route) or {})
        for content_type in CONTENT_TYPES:
            heard = await shop.ask(route, person, headers=((b"content-type", content_type),), body=body)
            findings.judge(str(route), content_type[:60], heard, body)
            if route.spec and route.spec.body and b"json" not in content_type:
                assert heard.status == 415, f"{route} with {content_type!r}: {heard.status}"
    findings.assert_none()


async def test_a_body_of_ten_mib_is_refused_everywhere(shop: Shop) -> None:
    findings = Findings()
    sent = b'{"a":"' + b"x" * (10 * MIB) + b'"}'
    for route in shop.routes:
        await shop.stock()
        for person in shop.those_who_may(route)[:1]:
            heard = await say(findings, shop, route, person, "10 MiB", sent)
            if route.spec and (route.spec.body or route.spec.idempotent):
                assert (heard.status, heard.code) == (413, "body_too_large"), f"{route}: {heard.status}"
            untold = await shop.wire.send(
                route.method, shop.path(route), headers=(*person.headers, *JSON, CHUNKED), body=sent
            )  # fmt: skip
            findings.judge(str(route), "10 MiB of unknown length", untold)
    findings.assert_none()
