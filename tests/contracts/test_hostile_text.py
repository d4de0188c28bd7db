"""The big list of naughty strings in every string field and query parameter of every route."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import orjson
import pytest
from hostile_examples import Place, fields_of, places_in, put, takes, value_at
from hostile_shop import Person, Route, Shop
from hostile_wire import Findings

LIST = Path(__file__).parents[3] / "shared/data/naughty/blns.json"
OURS = [
    "a\x00b",
    "\uffff",
    "\ufeff",
    "\u202etxet",
    "\U0001d518\U0001d52b",
    "a\r\nSet-Cookie: x=1",
    "٠١٢",
    "²",
    "１２",
    "ⅷ",
    "1_0",
    "2147483648",
    "9223372036854775808",
    "1E+1000000",
    "-1",
    "1e400",
    "nan",
    "inf",
    "0.005",
    "0" * 5000,
    "9" * 5000,
    "true",
    "[]",
    "{}",
    "%00",
    "../../../etc/passwd",
    "10000-01-01",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "9999-12-31T23:59:59-14:00",
    "urn:uuid:01936f2e-7c1a-7000-8000-0123456789ab",
    "W10",
    "bnVsbA",
    "WzEsMl0",
    "W251bGwsbnVsbF0",
    "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTE0OjAwIiwgIngiXQ",
    "x" * 5000,
    "ß" * 200,
    "İ" * 100,
    "ﷺ" * 100,
    " ",
    "\t",
    "&",
    "=",
    "+",
    "#",
]
IDS = "01936f2e-7c1a-7000-8000-0123456789a"
BAD_PATHS = [
    b"%00",
    b"a%00b",
    b"%ff%fe",
    b"%ed%a0%80",
    b"%c0%af",
    b"%",
    b"%zz",
    b"%2",
    b"%u0000",
    b"%2e%2e%2f",
    b"..%2f..%2fetc%2fpasswd",
    b"{%s}" % IDS.encode(),
    f"urn:uuid:{IDS}b".encode(),
    IDS.encode() + b"g",
    IDS.encode() + b"b%00",
    IDS.upper().encode() + b"B",
    b"%D9%A0" + IDS[1:].encode() + b"b",
    b"0" * 36,
    b"-" * 36,
    b"x" * 20_000,
    b"%f0%9f%92%a9" * 1000,
    b"null",
    b"%20",
    b"%0d%0aa:b",
    b"F-0000-0000",
    b"F-%00%00%00%00-0000",
    b"2147483648",
    b"9223372036854775808",
    b"\xff",
    b"\xc3\xa9",
    b";a=b",
    b"%3f",
    b"%23",
]


@cache
def naughty() -> list[str]:
    if not LIST.is_file():
        pytest.skip(f"the list of naughty strings is not at {LIST}")
    return list(dict.fromkeys([*orjson.loads(LIST.read_bytes()), *OURS]))


async def test_naughty_strings_in_bodies(shop: Shop) -> None:
    findings = Findings()
    for route in shop.routes:
        if route.spec is None or route.spec.body is None:
            continue
        await shop.stock()
        people = shop.those_who_may(route)
        for number, text in enumerate(naughty()):
            person = people[number % len(people)]
            body = shop.body_of(route) or {}
            places = [place for place in places_in(body) if isinstance(value_at(body, place), str)]
            for name, sent in bodies(route, body, places, number, text):
                heard = await shop.ask(route, person, body=orjson.dumps(sent))
                findings.judge(str(route), f"{name} = {text[:60]!r} as {person.name}", heard, text.encode())
    findings.assert_none()


async def test_naughty_strings_in_queries(shop: Shop) -> None:
    findings = Findings()
    for route in shop.routes:
        await shop.stock()
        query = route.spec.query if route.spec else None
        people = shop.those_who_may(route)
        for number, text in enumerate(naughty()):
            person = people[number % len(people)]
            if query is not None:
                names = fields_of(query)
                fine = [name for name in names if takes(query, {name: text})]
                asked = [
                    fine,
                    fine and [fine[number % len(fine)]],
                    [names[number % len(names)]],
                    [text, f"attr.{text}"],
                ]
            else:
                # A route without parameters does the same with whatever comes.
                asked = [[text]] if number % 16 == 0 else []
            for given in filter(None, asked):
                target = "&".join(f"{quoted(name)}={quoted(text)}" for name in given)
                await look(findings, shop, route, person, target)
    findings.assert_none()


async def test_parameters_that_come_twice_or_a_thousand_times(shop: Shop) -> None:
    findings = Findings()
    raw = [
        b"\xff",
        b"a=\xff",
        b"%ff=%fe",
        b"=",
        b"&&&",
        b"a",
        b"=1",
        b"%",
        b"%zz=%zz",
        b"a=%00",
        b"%00=a",
        b"%ed%a0%80=1",
        b"?a=1",
    ]
    for route in shop.routes:
        await shop.stock()
        names = fields_of(route.spec.query) if route.spec and route.spec.query else []
        person = shop.those_who_may(route)[0]
        crowd = [f"a{number}=1" for number in range(10_000)]
        for name in names:
            await look(findings, shop, route, person, f"{name}=1&{name}=2")
            await look(findings, shop, route, person, "&".join([f"{name}=1"] * 10_000))
            await look(findings, shop, route, person, f"{name}[]=1&{name}[a]=1&{name}.x=1")
        await look(findings, shop, route, person, "&".join(crowd))
        await look(findings, shop, route, person, "&".join(f"attr.{each}" for each in crowd))
        await look(findings, shop, route, person, "x" * 60_000)
        for query in raw:
            heard = await shop.ask(route, person, target=shop.path(route).encode() + b"?" + query)
            findings.judge(str(route), f"?{query!r}", heard)
    findings.assert_none()


async def test_anything_in_the_variables_of_a_path(shop: Shop) -> None:
    findings = Findings()
    strings = [quote_from_bytes(text.encode(), safe="").encode() for text in naughty() if text]
    for route in shop.routes:
        if not route.variables:
            continue
        await shop.stock()
        people = shop.those_who_may(route)
        body = orjson.dumps(shop.body_of(route) or {})
        for number, text in enumerate([*BAD_PATHS, *strings]):
            name = route.variables[number % len(route.variables)]
            target = shop.path(route, **{name: "\x1a"}).encode().replace(b"\x1a", text)
            heard = await shop.ask(route, people[number % len(people)], target=target, body=body)
            findings.judge(str(route), text[:60], heard, text)
            if b"%00" in text and heard.status < 400:
                findings.judge(str(route), text[:60], heard)
    findings.assert_none()


async def look(findings: Findings, shop: Shop, route: Route, person: Person, query: str) -> None:
    heard = await shop.ask(route, person, target=f"{shop.path(route)}?{query}")
    findings.judge(str(route), f"?{query[:80]} as {person.name}", heard, query.encode())


def bodies(
    route: Route, body: dict[str, Any], places: list[Place], number: int, text: str
) -> Iterator[tuple[str, Any]]:
    """Give the body with the text wherever the schema takes it; for some also everywhere, and in one place alone."""
    assert route.spec
    assert route.spec.body
    model, fine = route.spec.body, body
    taking: list[Place] = []
    for place in places:
        tried = put(fine, place, text)
        if takes(model, tried):
            fine = tried
            taking.append(place)
    if taking:
        yield "what takes it", fine
    if taking and route.spec.access.kind != "staff":
        alone = taking[number % len(taking)]
        yield ".".join(map(str, alone)), put(body, alone, text)
    if number % 8 == 0:
        for place in places:
            body = put(body, place, text)
        yield "everything", body


def quoted(text: str) -> str:
    return quote_from_bytes(text.encode(), safe="")
