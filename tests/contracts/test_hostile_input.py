"""Whatever stands in a body: a 4xx that says why, as problem+json, never a 500. Every route, every field."""

from __future__ import annotations

from typing import Any

import orjson
from hostile_asking import SENT_ALL_THE_SAME, is_refused_by_its_model, say, thoroughly, with_bodies
from hostile_examples import Place, fields_of, places_in, put_literal, value_at
from hostile_shop import Route, Shop
from hostile_values import HEAVY, LITERALS
from hostile_wire import Findings


async def test_the_example_of_every_route_is_taken(shop: Shop) -> None:
    """Otherwise everything below would only show that nonsense is refused at the door."""
    refused = []
    for route in with_bodies(shop):
        await shop.stock()
        heard = await shop.ask(route, shop.those_who_may(route)[0], body=orjson.dumps(shop.body_of(route)))
        if heard.code in ("validation_failed", "bad_request", "unsupported_media_type"):
            refused.append(f"{route}: {heard.body!r}")
    assert not refused, "\n".join(refused)


@thoroughly
async def test_any_value_in_any_field(shop: Shop, everything: bool) -> None:
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
                    if not everything and is_skipped(route, sent, turn + number):
                        continue
                    await say(findings, shop, route, person, f"{name} at {dotted(place)}", sent)
    findings.assert_none()


@thoroughly
async def test_very_large_and_very_deep_values_in_any_field(shop: Shop, everything: bool) -> None:
    findings = Findings()
    for route in with_bodies(shop):
        await shop.stock()
        person = shop.those_who_may(route)[0]
        body = shop.body_of(route)
        for turn, place in enumerate(all_places(shop, route)):
            for number, (name, literal) in enumerate(HEAVY.items()):
                sent = put_literal(body, place, literal)
                if everything or not is_skipped(route, sent, turn + number):
                    await say(findings, shop, route, person, f"{name} at {dotted(place)}", sent)
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


def is_skipped(route: Route, sent: bytes, turn: int) -> bool:
    """Return True where the body is refused before the route is asked, but for every eighth of them."""
    return is_refused_by_its_model(route, sent) and turn % SENT_ALL_THE_SAME != 0


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
