"""A shop in which every act of staff succeeds: one of everything, each standing where some act wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from furnished_orders import sell
from furnished_things import (
    ADMIN,
    draw_zones,
    furnish_content,
    furnish_pictures,
    furnish_work,
    give_names,
)
from hostile_shop import PASSWORD, Route, Shop
from hostile_wire import JSON

from feria_core import db
from feria_core.ids import new_id
from feria_core.testing.callers import credential

# Stocked with more than a valid body makes: pictures, revisions, variants.
STOCKED = (f"{ADMIN}/products", f"{ADMIN}/blog/posts")
UNKNOWN = "01936f2e-7c1a-7000-8000-00000000dead"


@dataclass(frozen=True)
class Request:
    """What to send to a route; `body` is JSON, or bytes of the content type in `headers`."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]

    @property
    def id(self) -> str:
        return self.headers["X-Request-Id"]


def acts_of(shop: Shop) -> list[Route]:
    """Return every route by which staff may change something, found among all that is served."""
    return [
        route for route in shop.routes if route.spec and route.spec.access.kind == "staff" and route.method != "GET"
    ]


class Furnished:
    """A stocked shop and what to send to its routes; `furnish()` comes first.

    Most bodies are made from the routes' models. `bodies` has those that no model tells, by "METHOD rule":
    things that must be another than those that are there, and files, with their content type in `types`.
    """

    def __init__(self, shop: Shop, gateway: Any) -> None:
        self.shop = shop
        self.gateway = gateway
        self.bodies: dict[str, Any] = {}
        self.types: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._number = 0

    def request(self, route: Route) -> Request:
        """Return a valid request, under an id and a key of its own."""
        self._number += 1
        name = f"oak{self._number}"
        self.shop.facts |= {"name": name, "code": name, "term": name}
        body = self.bodies[str(route)] if str(route) in self.bodies else self.shop.body_of(route)
        token = self._tokens.get(str(route), self._tokens[""])
        headers = {"Authorization": token, "Idempotency-Key": new_id().hex, "X-Request-Id": new_id().hex}
        if str(route) in self.types:
            headers["Content-Type"] = self.types[str(route)]
        return Request(route.method, self.shop.path(route), body, headers)

    def refused(self, route: Route) -> Request:
        """Return a request that is refused: for what is not there, with what no body has, or by whoever may not."""
        asked = self.request(route)
        body = {"no_such_field": 1} if route.spec and route.spec.body else None
        path = self.shop.path(route, **dict.fromkeys(route.variables, UNKNOWN))
        if body is None and not route.variables:
            asked.headers["Authorization"] = f"Bearer {credential('staff', new_id())}"
        return Request(route.method, path, body, asked.headers)

    async def call(self, method: str, path: str, body: Any = None, *, kind: str = "application/json") -> Any:
        """Do something as staff; return the answer."""
        headers = (
            *self.shop.people[2].headers,
            (b"content-type", kind.encode()),
            (b"idempotency-key", new_id().hex.encode()),
        )
        sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        heard = await self.shop.wire.send(method, f"{ADMIN}{path}", headers=headers, body=sent)
        assert heard.status < 300, f"{method} {path}: {heard.status} {heard.body!r}"
        return heard.json if heard.body else None

    def name(self, values: dict[str, str]) -> None:
        """Let paths name these, by "rule:variable" without what all rules begin with."""
        self.shop.paths.update({f"{ADMIN}{at}": value for at, value in values.items()})

    def say(self, bodies: dict[str, Any]) -> None:
        """Let these be the bodies, by "METHOD rule" likewise."""
        self.bodies.update({at.replace(" ", f" {ADMIN}", 1): body for at, body in bodies.items()})

    async def furnish(self) -> None:
        """Make one of everything, and put some of it where it can be taken away, sent again, turned back."""
        await self._admit()
        self.shop.facts |= {
            "barcode": None, "user_id": None, "parent": None, "ProductBody.brand": None, "role": "clerk",
            "version": None, "ProductTypeBody.attributes": [],
        }  # fmt: skip
        await self.call("POST", "/roles", {"name": "clerk", "permissions": ["orders.read"]})
        await self._make_one_of_each()
        await give_names(self)
        await furnish_content(self)
        await furnish_pictures(self)
        await furnish_work(self)
        await sell(self)
        await draw_zones(self)

    async def _admit(self) -> None:
        """Let staff ask with every right, and be signed in where it takes a session; the customer is none of them."""
        staff = await db.fetch_value("SELECT id FROM users_account WHERE email = 'staff@example.org'")
        rights = {r.spec.access.permission for r in self.shop.routes if r.spec and r.spec.access.permission}
        self._tokens[""] = f"Bearer {credential('staff', staff, *rights)}"
        customer = await db.fetch_value("SELECT id FROM users_account WHERE email = 'customer@example.org'")
        await db.execute("DELETE FROM users_staff WHERE account_id = $1", customer)
        login = orjson.dumps({"email": "staff@example.org", "password": PASSWORD})
        signed_in = await self.shop.wire.send("POST", "/api/auth/login", headers=JSON, body=login)
        session = f"Bearer {signed_in.json['access_token']}"
        acting = f"{ADMIN}/customers/<customer_id>/act-as"
        self._tokens |= {f"POST {acting}": session, f"DELETE {acting}": session}
        headers = ((b"authorization", session.encode()), (b"idempotency-key", new_id().hex.encode()))
        begun = await self.shop.wire.send("POST", f"{ADMIN}/customers/{customer}/act-as", headers=headers)
        assert begun.status < 300, begun.body  # so that there is something to end
        self.shop.paths |= {"customer_id": str(customer), "product_id": self.shop.paths["key"]}

    async def _make_one_of_each(self) -> None:
        """Ask every route that makes what other routes name in their paths."""
        for route in acts_of(self.shop):
            theirs = [other.rule for other in self.shop.routes if other.rule.startswith(f"{route.rule}/<")]
            if route.method != "POST" or not theirs or route.variables or route.rule in STOCKED:
                continue
            made = await self.call("POST", route.rule.removeprefix(ADMIN), self.request(route).body)
            for rule in theirs:
                name = rule.removeprefix(f"{route.rule}/<").partition(">")[0]
                self.shop.paths[f"{rule}:{name}"] = str(made.get(name) or made["id"])
