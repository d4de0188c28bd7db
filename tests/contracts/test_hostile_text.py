"""The big list of naughty strings in every string field of every route; in the suite a route gets a quarter of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from hostile_asking import thoroughly
from hostile_examples import Place, places_in, put, takes, value_at
from hostile_shop import Route, Shop
from hostile_strings import for_turn
from hostile_wire import Findings


@thoroughly
async def test_naughty_strings_in_bodies(shop: Shop, everything: bool) -> None:
    findings = Findings()
    for turn, route in enumerate(shop.routes):
        if route.spec is None or route.spec.body is None:
            continue
        await shop.stock()
        people = shop.those_who_may(route)
        for number, text in enumerate(for_turn(turn, everything=everything)):
            person = people[number % len(people)]
            body = shop.body_of(route) or {}
            places = [place for place in places_in(body) if isinstance(value_at(body, place), str)]
            for name, sent in bodies(route, body, places, number, text):
                heard = await shop.ask(route, person, body=orjson.dumps(sent))
                findings.judge(str(route), f"{name} = {text[:60]!r} as {person.name}", heard, text.encode())
    findings.assert_none()


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
