"""Naughty strings in every query parameter, and parameters that come too often; in the suite a quarter of the list."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

from hostile_asking import thoroughly
from hostile_examples import fields_of, takes
from hostile_shop import Person, Route, Shop
from hostile_strings import for_turn
from hostile_wire import Findings

from feria_core.testing.client import Reply


@thoroughly
async def test_naughty_strings_in_queries(shop: Shop, everything: bool) -> None:
    findings = Findings()
    for turn, route in enumerate(shop.routes):
        await shop.stock()
        query = route.spec.query if route.spec else None
        people = shop.those_who_may(route)
        for number, text in enumerate(for_turn(turn + 1, everything=everything)):
            person = people[number % len(people)]
            if query is not None:
                names = fields_of(query)
                fine = [name for name in names if takes(query, {name: text})]
                # What the schema takes together, one of it alone, and names that are no parameters.
                odd = [names[number % len(names)], text, f"attr.{text}"]
                asked = [
                    fine,
                    [fine[number % len(fine)]] if fine and number % 2 else [],
                    odd if number % 4 == 0 else [],
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
        heard = await look(findings, shop, route, person, "&".join(f"attr.{each}" for each in crowd))
        assert heard.status == 422 or not names, f"{route} takes ten thousand parameters"
        await look(findings, shop, route, person, "x" * 60_000)
        for query in raw:
            heard = await shop.ask(route, person, target=shop.path(route).encode() + b"?" + query)
            findings.judge(str(route), f"?{query!r}", heard)
    findings.assert_none()


async def look(findings: Findings, shop: Shop, route: Route, person: Person, query: str) -> Reply:
    """Send the query and judge the answer."""
    heard = await shop.ask(route, person, target=f"{shop.path(route)}?{query}")
    findings.judge(str(route), f"?{query[:80]} as {person.name}", heard, query.encode())
    return heard


def quoted(text: str) -> str:
    return quote_from_bytes(text.encode(), safe="")
