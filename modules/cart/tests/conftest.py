"""A cart's surroundings: a catalog whose prices and stock a test sets, customers, a discount contributor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from feria_cart.settings import CartSettings
from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.contracts.catalog import CATALOG, Offer, ProductChanged
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import PRICE_ADJUSTERS, Adjustment, Basket
from feria_core.contracts.users import PEOPLE, Person
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.ports import Registry
from feria_core.runtime import current, registry
from feria_core.testing.client import ApiClient
from feria_core.testing.work import run_jobs


class ShelfCatalog:
    """The port `catalog` as far as a cart asks it; `put` and `change` are the test's side."""

    def __init__(self) -> None:
        self.shelf: dict[UUID, Offer] = {}
        self.asked = 0
        self.groups: list[str | None] = []
        self.held: dict[tuple[UUID, UUID], int] = {}

    async def offers(
        self,
        variant_ids: Collection[UUID],
        *,
        quantities: Mapping[UUID, int] | None = None,
        group: str | None = None,
        holder: UUID | None = None,
    ) -> Mapping[UUID, Offer]:
        self.asked += 1
        self.groups.append(group)
        found = {variant: self.shelf[variant] for variant in variant_ids if variant in self.shelf}
        held = {variant: n for (who, variant), n in self.held.items() if who == holder}
        return {v: replace(o, available=o.available + held.get(v, 0)) for v, o in found.items()}

    def put(self, *, price: int = 1000, available: int = 100, sku: str = "OAK-160", **fields: Any) -> str:
        variant, product = new_id(), new_id()
        card = orjson.dumps({"id": str(product), "slug": "oak-table", "name": "Oak table", "sku": sku}).decode()
        offer = Offer(
            variant, product, sku, "Oak table", "oak-table", {"size": "160"}, Money(price, "USD"), available, True,
            21_000, "standard", "/media/ab12.webp", card,
        )  # fmt: skip
        self.shelf[variant] = replace(offer, **fields)
        return str(variant)

    def change(self, variant: str, **fields: Any) -> None:
        if "price" in fields:
            fields["price"] = Money(fields["price"], "USD")
        self.shelf[UUID(variant)] = replace(self.shelf[UUID(variant)], **fields)


@dataclass
class Discounts:
    """A contributor of price adjustments: it answers what the test tells it to."""

    adjustments: list[Callable[[Basket], Adjustment]] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    refusal: Exception | None = None

    async def adjust(self, basket: Basket) -> Sequence[Adjustment]:
        return [make(basket) for make in self.adjustments]

    async def accept_code(self, code: str, basket: Basket) -> str | None:
        if self.refusal is not None:
            raise self.refusal
        return self.codes.get(code.upper())


class MadeUpCredentials:
    """Takes `test.<kind>.<id>` for a credential."""

    def accepts(self, credential: str) -> bool:
        return credential.startswith("test.")

    async def authenticate(self, credential: str) -> Principal | None:
        _, kind, person = credential.split(".")
        return Principal(kind, UUID(person))


@pytest.fixture
def contributions(database: None, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The registry of the application; what a test adds to it is gone after the test."""
    offers = registry()._offers
    monkeypatch.setattr(registry(), "_offers", {name: list(given) for name, given in offers.items()})
    return registry()


@pytest.fixture
def catalog(contributions: Registry) -> ShelfCatalog:
    shelf = ShelfCatalog()
    contributions._offers.pop(CATALOG.name, None)
    contributions.provide(CATALOG, shelf, module="catalog")
    return shelf


@pytest.fixture
def discounts(contributions: Registry) -> Discounts:
    given = Discounts()
    contributions._offers.pop(PRICE_ADJUSTERS.name, None)
    contributions.contribute(PRICE_ADJUSTERS, given, module="promotions")
    return given


@pytest.fixture
def guest(client: ApiClient, catalog: ShelfCatalog) -> ApiClient:
    """Somebody without a token yet."""
    return client


@pytest.fixture
def with_token(client: ApiClient, catalog: ShelfCatalog) -> Callable[[], Awaitable[ApiClient]]:
    """Makes guests who hold a token of their own."""

    async def make() -> ApiClient:
        reply = await client.get("/api/cart")
        return client.with_headers(cart_token=reply.headers["cart-token"])

    return make


@pytest.fixture
def customer(client: ApiClient, catalog: ShelfCatalog, contributions: Registry) -> Iterator[ApiClient]:
    """A signed-in customer."""
    contributions.contribute(AUTHENTICATORS, MadeUpCredentials(), module="cart-tests", order=0)
    return client.signed_in(f"test.customer.{new_id()}")


@pytest.fixture
def other_customer(client: ApiClient, customer: ApiClient) -> ApiClient:
    return client.signed_in(f"test.customer.{new_id()}")


class AddressBook:
    """The port `people` as far as alerts ask it; whoever is asked for exists, unless the test says otherwise."""

    def __init__(self) -> None:
        self.gone: set[UUID] = set()
        self.unverified: set[UUID] = set()
        self.locale = "en"
        self.group: str | None = None

    async def person(self, user_id: UUID) -> Person | None:
        if user_id in self.gone:
            return None
        return Person(user_id, f"{user_id}@people.test", "Ada", self.locale, user_id not in self.unverified, self.group)


@pytest.fixture
def people(contributions: Registry) -> AddressBook:
    book = AddressBook()
    contributions._offers.pop(PEOPLE.name, None)
    contributions.provide(PEOPLE, book, module="users")
    return book


@pytest.fixture
def announce() -> Callable[[str], Awaitable[None]]:
    """Says that the product of a variant has changed, as the catalog does, and lets the workers work."""

    async def say(*variants: str) -> None:
        async with db.transaction():
            for variant in variants:
                offer = registry().get(CATALOG).shelf[UUID(variant)]
                await publish(ProductChanged(offer.product_id, offer.slug))
        await run_jobs(rounds=200)

    return say


@pytest.fixture
def bounds(database: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the settings of the cart for one test."""

    def set_to(**values: Any) -> None:
        module = current().module("cart")
        monkeypatch.setitem(vars(module), "settings", CartSettings(**values))

    return set_to
