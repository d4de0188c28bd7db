"""Products, buyers and staff for the catalog's tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.contracts.catalog import CATALOG, Catalog
from feria_core.ids import new_id
from feria_core.money import Money
from feria_core.runtime import registry
from feria_core.testing.client import ApiClient, Reply

STAFF = "test-catalog-staff"
CUSTOMER = "test-catalog-customer"
STAFF_ID = new_id()

MakeProduct = Callable[..., Awaitable[dict[str, Any]]]


class TestAuthenticator:
    """Takes two fixed credentials, so that these tests need no users module."""

    __test__ = False

    def accepts(self, credential: str) -> bool:
        return credential in (STAFF, CUSTOMER)

    async def authenticate(self, credential: str) -> Principal | None:
        if credential == STAFF:
            return Principal("staff", STAFF_ID, frozenset({"catalog.read", "catalog.write", "stock.write"}))
        return Principal("customer", STAFF_ID)


@pytest.fixture
def authenticator(app: object) -> None:
    """The test credentials, offered once to the application."""
    if not any(isinstance(a, TestAuthenticator) for a in registry().all(AUTHENTICATORS)):
        registry().contribute(AUTHENTICATORS, TestAuthenticator(), module="catalog-tests", order=1)


@pytest.fixture
def staff(client: ApiClient, authenticator: None) -> ApiClient:
    """A client that asks as staff with every right in the catalog."""
    return client.signed_in(STAFF)


@pytest.fixture
def customer(client: ApiClient, authenticator: None) -> ApiClient:
    """A client that asks as a customer."""
    return client.signed_in(CUSTOMER)


@pytest.fixture
def catalog(database: None) -> Catalog:
    """The catalog as other modules see it."""
    return registry().get(CATALOG)


@pytest.fixture
def make_product(staff: ApiClient) -> MakeProduct:
    """Create a product through the API: `await make_product("Oak table", price=19900, stock=5)`."""
    made = 0

    async def make(name: str = "Oak table", **wished: Any) -> dict[str, Any]:
        nonlocal made
        made += 1
        price = {"amount": wished.pop("price", 1000), "currency": "USD"}
        variant = {"sku": wished.pop("sku", f"SKU-{made}"), "price": price, "stock": wished.pop("stock", 5)}
        before = wished.pop("compare_at", None)
        if before is not None:
            variant["compare_at_price"] = {"amount": before, "currency": "USD"}
        body = {"name": name, "status": "published", "variants": [variant], **wished}
        reply = await staff.post("/api/admin/products", body)
        assert reply.status == 201, reply.json
        return reply.json

    return make


@pytest.fixture
def stocked(database: None) -> Callable[..., Awaitable[list[UUID]]]:
    """Store variants with the given levels, a product each; return the variants' ids in order."""

    async def stock(*levels: int) -> list[UUID]:
        products = [
            ProductInput(f"Thing {i}", (VariantInput(f"T-{i}", Money(1000, "USD"), stock=level),))
            for i, level in enumerate(levels)
        ]
        async with db.transaction():
            await upsert_products(products, reason="test")
        rows = await db.fetch_all("SELECT sku, id FROM catalog_variant")
        by_sku = {row["sku"]: row["id"] for row in rows}
        return [by_sku[f"T-{i}"] for i in range(len(levels))]

    return stock


@pytest.fixture
def upload(staff: ApiClient) -> Callable[..., Awaitable[Reply]]:
    """Upload a picture: `await upload(product["id"], data, name="oak.png", alt="An oak table")`."""

    async def send(product_id: str, data: bytes, *, name: str = "picture.png", **fields: Any) -> Reply:
        parts = [
            f'--cut\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: image/png\r\n\r\n" + data + b"\r\n--cut--\r\n")
        return await staff.post(
            f"/api/admin/products/{product_id}/media",
            data=b"".join(parts),
            headers={"Content-Type": "multipart/form-data; boundary=cut"},
        )

    return send
