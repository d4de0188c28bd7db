"""A shop with something behind every path: routes, who asks, and what stands in paths and bodies."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from hostile_examples import example_of
from hostile_site import stock_site
from hostile_wire import JSON, Headers, Wire
from quart import Quart

from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.http.blueprint import Endpoint, endpoint_of
from feria_core.ids import new_id
from feria_core.runtime import registry
from feria_core.testing.client import Reply

PASSWORD = "correct horse battery"
ADDRESS = {
    "name": "Ada",
    "line1": "Calle 5 12",
    "city": "Los Angeles",
    "region": "CA",
    "postal_code": "90001",
    "country": "US",
}
UNKNOWN_ID = "01936f2e-7c1a-7000-8000-0123456789ab"
ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")


LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Route:
    """One method of one rule, with its declaration; core's own pages have none."""

    method: str
    rule: str
    variables: tuple[str, ...]
    spec: Endpoint | None

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes_of(app: Quart) -> list[Route]:
    """Return everything that is served, reading before writing, removing last."""
    found = [
        Route(method, rule.rule, tuple(sorted(rule.arguments)), endpoint_of(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda route: (ORDER.index(route.method), route.rule))


@dataclass(frozen=True)
class Person:
    """Somebody who asks, with the headers that say so."""

    name: str
    headers: Headers


class Credentials:
    """Takes `hostile-customer` and `hostile-staff` for two accounts; staff hold every permission there is."""

    def __init__(self, customer: UUID, staff: UUID, permissions: frozenset[str]) -> None:
        self._principals = {
            "hostile-customer": Principal("customer", customer),
            "hostile-staff": Principal("staff", staff, permissions),
        }

    def accepts(self, credential: str) -> bool:
        return credential in self._principals

    async def authenticate(self, credential: str) -> Principal | None:
        return self._principals.get(credential)


class Shop:
    """Asks the application; `stock()` puts something fresh behind every path."""

    def __init__(self, app: Quart) -> None:
        self.app = app
        self.wire = Wire(app)
        self.routes = routes_of(app)
        self.paths: dict[str, str] = {}
        self.facts: dict[str, Any] = {}
        self._tokens: Headers = ()
        self._is_changed = True
        self._numbers = itertools.count()

    @property
    def people(self) -> tuple[Person, Person, Person]:
        """A guest, a customer and staff; each also holds the guest's cart and checkout."""
        guest, customer, staff = (), (b"Bearer hostile-customer",), (b"Bearer hostile-staff",)
        named = (("guest", guest), ("customer", customer), ("staff", staff))
        return tuple(  # type: ignore[return-value]
            Person(name, (*self._tokens, *((b"authorization", value) for value in values))) for name, values in named
        )

    def those_who_may(self, route: Route) -> Sequence[Person]:
        """Return who gets past the door of a route, the least first."""
        kind = route.spec.access.kind if route.spec else "public"
        return self.people[("public", "customer", "staff").index(kind) :]

    def path(self, route: Route, **instead: str) -> str:
        """Return the route's path with what is there, or with `instead`, already percent-encoded."""
        path = route.rule
        for name in route.variables:
            value = instead.get(name, self.paths.get(f"{route.rule}:{name}", self.paths.get(name, UNKNOWN_ID)))
            path = path.replace(f"<{name}>", value).replace(f"<path:{name}>", value)
        return path

    async def ask(
        self, route: Route, person: Person, *, target: str | bytes = "", headers: Headers = (), body: bytes = b""
    ) -> Reply:
        """Send one request; JSON and a fresh Idempotency-Key go along unless `headers` say otherwise."""
        given = {name for name, _ in headers}
        usual = (*person.headers, *JSON, (b"idempotency-key", str(new_id()).encode()))
        sent = (*headers, *((name, value) for name, value in usual if name not in given))
        self._is_changed = self._is_changed or route.method not in LOOKS
        return await self.wire.send(route.method, target or self.path(route), headers=sent, body=body)

    def body_of(self, route: Route) -> dict[str, Any] | None:
        """Return a valid body, or None for a route without one."""
        if route.spec is None or route.spec.body is None:
            return None
        number = next(self._numbers)
        fresh = {"email": f"a{number}@example.org", "slug": f"slug-{number}", "VariantBody.sku": f"NEW-{number}"}
        return example_of(route.spec.body, {**fresh, **self.facts})

    async def stock(self) -> None:
        """Put a fresh product, cart, checkout and order behind the paths; limits count from zero again.

        Those before stay where nothing but looks was asked for since.
        """
        await db.execute("DELETE FROM core_rate_limit")
        if not self._is_changed:
            return
        self._is_changed = False
        staff = self.people[2].headers
        # Where zones were made, the ways of shipping of the settings are gone.
        for zone in (await self._call("GET", "/api/admin/shipping/zones", None, staff))["items"]:
            await self._call("DELETE", f"/api/admin/shipping/zones/{quote(zone['code'], safe='')}", None, staff)
        sku = f"OAK-{next(self._numbers)}"
        price = {"amount": 1000, "currency": "USD"}
        category = await self._call(
            "POST", "/api/admin/categories", {"name": f"Tables {sku}", "slug": sku.lower()}, staff
        )
        product = await self._call(
            "POST", "/api/admin/products",
            {"name": "Oak table", "status": "published", "category": category["slug"],
             "variants": [{"sku": sku, "price": price, "stock": 100, "options": {"finish": "oil"}}]}, staff,
        )  # fmt: skip
        variant = product["variants"][0]["id"]
        review = await self._call(
            "POST", f"/api/products/{product['id']}/reviews", {"rating": 4, "text": "Sturdy"}, self.people[1].headers
        )
        items = {"variant_id": variant, "quantity": 1}
        number = await self._ordered(items)
        checkout, item = await self._checkout(items)
        self.facts.update(
            {"variant_id": variant, "category": category["slug"], "parent": category["slug"], "currency": "USD",
             "country": "US", "sku": sku, "provider": "manual", "password": PASSWORD, "current_password": PASSWORD,
             "new_password": "four plain words", "locale": "en", "shipping_method": "standard", "quantity": 2,
             "LoginBody.email": "customer@example.org", "ShippingMethodBody.kind": "weight",
             "WebhookBody.url": "https://hooks.example.org/feria", "expires_at": "2030-01-01T00:00:00Z",
             "CheckoutPatch.steps": {}, "SkuPatch.stock": None, "DraftBody.customer_id": None,
             "region": "CA", "postal_code": "90210",
             "ends_at": "2030-01-01T00:00:00Z", "unpublish_at": "2030-01-01T00:00:00Z",
             "CollectionBody.products": [product["id"]], "CollectionPatch.products": [product["id"]],
             "ActivityBatch.events": [{"kind": "view", "product_id": product["id"]}]}
        )  # fmt: skip
        self.paths.update(
            {"key": product["id"], "variant": sku, "slug": category["slug"], "item_id": item, "code": "WELCOME10",
             "locale": "es", "review_id": review["id"],
             "checkout_id": checkout, "number": number, "/media/<key>:key": "abcdef0123.webp"}
        )  # fmt: skip
        self.paths.update(await stock_site(self._call, staff))
        await self._stock_blog(staff)

    async def _stock_blog(self, staff: Headers) -> None:
        """Put a post with a revision, and what it names, behind the paths of the blog."""
        slug = f"blog-{next(self._numbers)}"
        for kind in ("categories", "authors", "tags"):
            await self._call("POST", f"/api/admin/blog/{kind}", {"name": slug, "slug": slug}, staff)
        body = {"title": slug, "slug": slug, "body": "Some text.", "format": "markdown", "status": "published"}
        post = await self._call("POST", "/api/admin/blog/posts", {**body, "tags": [slug], "category": slug}, staff)
        for model in ("PostBody", "PostPatch"):
            self.facts |= {f"{model}.category": slug, f"{model}.author": slug, f"{model}.translations": {}}
        self.facts |= {"PostPatch.publish_at": "2030-01-01T00:00:00Z", "CategoryBody.names": {"es": "Mesas"}}
        for route in self.routes:
            if "/blog/" in route.rule:
                self.paths |= {f"{route.rule}:slug": slug, f"{route.rule}:key": post["id"], f"{route.rule}:number": "1"}

    async def _ordered(self, items: dict[str, Any]) -> str:
        """Let the customer order; return the order's number."""
        checkout, _ = await self._checkout(items, person=self.people[1].headers)
        path = f"/api/checkouts/{checkout}"
        total = (await self._call("GET", path, None, self.people[1].headers))["grand_total"]
        await self._call("POST", f"{path}/payments", {"provider": "manual"}, self.people[1].headers)
        done = await self._call("POST", f"{path}/complete", {"expected_total": total}, self.people[1].headers)
        return str(done["number"])

    async def _checkout(self, items: dict[str, Any], person: Headers = ()) -> tuple[str, str]:
        """Fill a cart and open its checkout; return the checkout's and the item's id."""
        cart = await self.wire.send(
            "POST", "/api/cart/items", headers=(*person, *JSON), body=orjson.dumps(items)
        )  # fmt: skip
        tokens = person or ((b"cart-token", cart.headers["cart-token"].encode()),)
        opened = await self._call("POST", "/api/checkouts", None, tokens)
        if not person:
            self._tokens = tokens = (*tokens, (b"checkout-token", opened["token"].encode()))
        contact = {"email": "ada@example.org", "shipping_address": ADDRESS, "shipping_method": "standard"}
        await self._call("PATCH", f"/api/checkouts/{opened['id']}", contact, tokens)
        return opened["id"], cart.json["items"][0]["id"]

    async def _call(self, method: str, path: str, body: Any, headers: Headers) -> Any:
        sent = (*headers, *JSON, (b"idempotency-key", str(new_id()).encode()))
        heard = await self.wire.send(method, path, headers=sent, body=b"" if body is None else orjson.dumps(body))
        assert heard.status < 300, f"{method} {path}: {heard.status} {heard.body!r}"
        return heard.json if heard.body else None


@asynccontextmanager
async def open_shop(app: Quart) -> AsyncIterator[Shop]:
    """Give a stocked shop whose two accounts exist; the registry is as before afterwards."""
    from feria_users.service.staff import create_staff

    shop = Shop(app)
    permissions = {route.spec.access.permission for route in shop.routes if route.spec and route.spec.access.permission}
    accounts = []
    for name in ("customer", "staff"):
        await create_staff(email=f"{name}@example.org", password=PASSWORD)
        accounts.append(
            await db.fetch_value("SELECT id FROM users_account WHERE email = $1", f"{name}@example.org")
        )  # fmt: skip
    offers = registry()._offers
    before = {name: list(found) for name, found in offers.items()}
    registry().contribute(AUTHENTICATORS, Credentials(*accounts, frozenset(permissions)), module="contracts")
    try:
        await shop.stock()
        yield shop
    finally:
        offers.clear()
        offers.update(before)
