"""What the tests of bodies share."""

from __future__ import annotations

from hostile_shop import Person, Route, Shop
from hostile_wire import Findings

from feria_core.testing.client import Reply


def with_bodies(shop: Shop) -> list[Route]:
    """Return the routes that take a JSON body."""
    return [route for route in shop.routes if route.spec and route.spec.body]


async def say(findings: Findings, shop: Shop, route: Route, person: Person, what: str, sent: bytes) -> Reply:
    """Send the body and judge the answer."""
    heard = await shop.ask(route, person, body=sent)
    findings.judge(str(route), f"{what} as {person.name}", heard, sent)
    return heard
