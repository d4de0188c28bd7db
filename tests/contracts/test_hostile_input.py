"""Whatever stands in a body: a 4xx that says why, as problem+json, never a 500. Every route, every field."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
from hostile_examples import Place, fields_of, places_in, put_literal, value_at
from hostile_shop import Person, Route, Shop
from hostile_wire import JSON, Findings, Heard

MIB = 2**20
CHUNKED = (b"transfer-encoding", b"chunked")
LITERALS = {
    "NUL": b'"a\\u0000b"',
    "lone surrogate": b'"\\ud800"',
    "2^31-1": b"2147483647",
    "2^31": b"2147483648",
    "2^63": b"9223372036854775808",
    "-2^63-1": b"-9223372036854775809",
    "-1": b"-1",
    "10^30": b"1" + b"0" * 30,
    "5000 digits": b"9" * 5000,
    "1E+1000000": b"1E+1000000",
    "1e400": b"1e400",
    "1e308": b"1e308",
    "NaN": b"NaN",
    "-0": b"-0",
    "1.0": b"1.0",
    "0.005": b"0.005",
    "true": b"true",
    "null": b"null",
    '"1"': b'"1"',
    '""': b'""',
    "[]": b"[]",
    "{}": b"{}",
    "list of null": b"[null]",
    "9999-12-31": b'"9999-12-31T23:59:59.999999-14:00"',
    "0001-01-01": b'"0001-01-01T00:00:00+14:00"',
    "10,000 characters": b'"' + b"x" * 10_000 + b'"',
    "10,000 astral characters": b'"' + "\U0001f4a9".encode() * 10_000 + b'"',
    "10,000 items": b"[" + b"1," * 9_999 + b"1]",
}
HEAVY = {
    "nearly 1 MiB": b'"' + b"x" * (MIB - 60_000) + b'"',
    "depth 100,000": b"[" * 100_000 + b"]" * 100_000,
    "depth 100,000 of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "depth 33": b"[" * 33 + b"]" * 33,
    "100,000 items": b"[" + b"{}," * 99_999 + b"{}]",
}


def with_bodies(shop: Shop) -> list[Route]:
    return [route for route in shop.routes if route.spec and route.spec.body]


async def test_the_example_of_every_route_is_taken(shop: Shop) -> None:
    """Otherwise everything below would only show that nonsense is refused at the door."""
    refused = []
    for route in with_bodies(shop):
        await shop.stock()
        heard = await shop.ask(route, shop.those_who_may(route)[0], body=orjson.dumps(shop.body_of(route)))
        if heard.code in ("validation_failed", "bad_request", "unsupported_media_type"):
            refused.append(f"{route}: {heard.body!r}")
    assert not refused, refused


async def test_any_value_in_any_field(shop: Shop) -> None:
    findings = Findings()
    for route in with_bodies(shop):
        await shop.stock()
        people = shop.those_who_may(route)
        for turn, place in enumerate(all_places(shop, route)):
            for number, (name, literal) in enumerate(LITERALS.items()):
                # The least of them tries everything; the others, on routes for all, take turns.
                rest = people[1:][(turn + number) % 2 :][:1] if (turn + number) % 4 < 2 else ()
                for person in (people[0], *rest):
                    sent = put_literal(shop.body_of(route), place, literal)
                    await say(findings, shop, route, person, f"{name} at {dotted(place)}", sent)
    findings.assert_none()


async def test_very_large_and_very_deep_values_in_any_field(shop: Shop) -> None:
    findings = Findings()
    for route in with_bodies(shop):
        await shop.stock()
        person = shop.those_who_may(route)[0]
        body = shop.body_of(route)
        for place in all_places(shop, route):
            for name, literal in HEAVY.items():
                await say(
                    findings, shop, route, person, f"{name} at {dotted(place)}", put_literal(body, place, literal)
                )
    findings.assert_none()


async def test_names_of_fields_that_nobody_knows(shop: Shop) -> None:
    findings = Findings()
    names = [
        "unknown",
        "",
        "__proto__",
        "__class__",
        "a" * 100_000,
        "\U0001f4a9" * 20_000,
        "\u202etxet",
        "model_config",
    ]
    raw = [b"\\u0000", b"\\ud800", b"a\\nb"]
    for route in with_bodies(shop):
        await shop.stock()
        person = shop.those_who_may(route)[0]
        body = shop.body_of(route)
        for place in [(), *(place for place in places_in(body) if isinstance(value_at(body, place), dict))]:
            for key in [*(orjson.dumps(name)[1:-1] for name in names), *raw]:
                sent = with_key(body, place, key)
                await say(findings, shop, route, person, f"the name {key[:20]!r} in {dotted(place)}", sent)
    findings.assert_none()


async def test_bodies_that_are_no_document_of_the_route(shop: Shop) -> None:
    findings = Findings()
    for route in with_bodies(shop):
        await shop.stock()
        for person in shop.those_who_may(route):
            for name, sent in strange_bodies(shop.body_of(route)).items():
                heard = await say(findings, shop, route, person, name, sent)
                if name not in ("keys twice", "a BOM", "a space more"):
                    assert 400 <= heard.status < 500, f"{route} took {name}: {heard.status}"
    findings.assert_none()


async def test_bodies_of_other_content_types(shop: Shop) -> None:
    findings = Findings()
    types = [
        b"",
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"multipart/form-data; boundary=" + b"x" * 5000,
        b"application/xml",
        b"application/json, text/plain",
        b"application/json; charset=utf-16",
        b"application/json; charset=\xff",
        b"\xff\xfe",
        b";",
        b"/",
        b"a" * 10_000,
        b"application/json; a=" + b'"' * 999,
        b"json",
        b"application/octet-stream",
        b"text/csv",
        b"application/gzip",
    ]
    for route in shop.routes:
        await shop.stock()
        person = shop.those_who_may(route)[-1]
        body = orjson.dumps(shop.body_of(route) or {})
        for content_type in types:
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


async def say(
    findings: Findings, shop: Shop, route: Route, person: Person, what: str, sent: bytes
) -> Heard:  # fmt: skip
    """Send the body and judge the answer."""
    heard = await shop.ask(route, person, body=sent)
    findings.judge(str(route), f"{what} as {person.name}", heard, sent)
    return heard


def all_places(shop: Shop, route: Route) -> list[Place]:
    """Return the place of every value in the route's body, those of fields that the example does without too."""
    assert route.spec
    assert route.spec.body
    body = shop.body_of(route) or {}
    return [*places_in(body), *((name,) for name in fields_of(route.spec.body) if name not in body)]


def dotted(place: Place) -> str:
    return ".".join(str(part) for part in place)


def with_key(body: Any, place: Place, key: bytes) -> bytes:
    """Return the body with one more field in the object at `place`, its name given as it stands in JSON."""
    inner = value_at(body, place)
    longer = orjson.dumps(inner)[:-1] + (b"," if inner else b"") + b'"' + key + b'":"x"}'
    return put_literal(body, place, longer) if place else longer


def strange_bodies(body: Any) -> dict[str, bytes]:
    plain = orjson.dumps(body)
    return {
        "nothing": b"",
        "a blank": b" ",
        "null": b"null",
        "a list": b"[" + plain + b"]",
        "text": b'"text"',
        "a number": b"1",
        "half of it": plain[: len(plain) // 2],
        "something behind it": plain + b"{}",
        "bad UTF-8": plain[:-1] + b',"\xff\xfe":"\xc3"}',
        "overlong UTF-8": plain[:-1] + b',"a":"\xc0\x80"}',
        "a surrogate in UTF-8": plain[:-1] + b',"a":"\xed\xa0\x80"}',
        "UTF-16": plain.decode().encode("utf-16"),
        "UTF-32": plain.decode().encode("utf-32"),
        "gzip": gzip.compress(plain),
        "a form": b"a=1&b=2",
        "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "depth 100,000": b"[" * 100_000,
        "100,000 unknown names": b"{" + b",".join(b'"f%d":1' % n for n in range(80_000)) + b"}",
        "keys twice": plain[:-1] + b"," + plain[1:] if body else plain,
        "a space more": b" \n" + plain + b" ",
    }
