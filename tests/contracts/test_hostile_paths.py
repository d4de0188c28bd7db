"""Naughty strings and broken bytes in the variables of every path; in the suite a twelfth of them a route."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

import orjson
from hostile_asking import thoroughly
from hostile_shop import Shop
from hostile_strings import BAD_PATHS, for_turn
from hostile_wire import Findings


@thoroughly
async def test_anything_in_the_variables_of_a_path(shop: Shop, everything: bool) -> None:
    findings = Findings()
    for turn, route in enumerate(shop.routes):
        if not route.variables:
            continue
        await shop.stock()
        people = shop.those_who_may(route)
        body = orjson.dumps(shop.body_of(route) or {})
        texts = (text for text in for_turn(turn + 2, everything=everything, parts=12) if text)
        strings = [quote_from_bytes(text.encode(), safe="").encode() for text in texts]
        for number, text in enumerate([*BAD_PATHS, *strings]):
            name = route.variables[number % len(route.variables)]
            target = shop.path(route, **{name: "\x1a"}).encode().replace(b"\x1a", text)
            heard = await shop.ask(route, people[number % len(people)], target=target, body=body)
            findings.judge(str(route), text[:60], heard, text)
    findings.assert_none()
