"""A shop whose products are reviewed: people with accounts, staff, deliveries and refunds as orders announces them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from feria_core import clock, db
from feria_core.contracts.orders import LineUnits, OrderDelivered, OrderRefunded
from feria_core.contracts.users import EmailVerified
from feria_core.events import publish
from feria_core.runtime import current
from feria_core.testing.client import ApiClient, Reply
from feria_core.testing.work import run_jobs
from feria_reviews.settings import ReviewsSettings
from feria_users.repository.staff import save_account

RIGHTS = ("reviews.moderate", "catalog.read", "catalog.write", "stock.write")


class Shop:
    """Makes what reviews are about, and announces what orders would."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.staff = client.as_staff(*RIGHTS)

    async def product(self, name: str = "Oak table", **wished: Any) -> UUID:
        price = {"amount": 1000, "currency": "USD"}
        variants = [{"sku": f"SKU-{uuid4().hex[:8]}", "price": price, "stock": 5}]
        reply = await self.staff.post(
            "/api/admin/products", {"name": name, "status": "published", "variants": variants, **wished}
        )
        assert reply.status == 201, reply.body
        return UUID(reply.json["id"])

    async def person(self, name: str = "Ana Brenes", *, email: str | None = None, is_verified: bool = True) -> UUID:
        person, address = uuid4(), email or f"{uuid4().hex[:12]}@example.org"
        await save_account(
            person, email=address, normalized=address.lower(), name=name, password_hash="-", locale="en",
            now=clock.now(),
        )  # fmt: skip
        if not is_verified:
            await db.execute("UPDATE users_account SET email_verified_at = NULL WHERE id = $1", person)
        return person

    async def email_of(self, person: UUID) -> str:
        return str(await db.fetch_value("SELECT email FROM users_account WHERE id = $1", person))

    async def deliver(
        self,
        person: UUID | None,
        *products: UUID,
        order: UUID | None = None,
        email: str = "guest@example.org",
        at: datetime | None = None,
        run: bool = True,
    ) -> UUID:
        """Announce that the products have reached the person; return the order's id."""
        order = order or uuid4()
        lines = tuple(LineUnits(uuid4(), product, 1, 1000) for product in products)
        async with db.transaction():
            await publish(OrderDelivered(order, "F-1", person, email, "en", at or clock.now(), lines))
        if run:
            await run_jobs()
        return order

    async def refund(
        self, order: UUID, person: UUID | None, *products: UUID, is_full: bool = False, run: bool = True
    ) -> None:
        """Announce that everything delivered of these products was given back."""
        async with db.transaction():
            await publish(OrderRefunded(order, "F-1", person, 1000, "USD", is_full, (), products))
        if run:
            await run_jobs()

    async def verify_email(self, person: UUID, email: str, *, run: bool = True) -> None:
        async with db.transaction():
            await publish(EmailVerified(user_id=person, email=email, email_normalized=email.lower()))
        if run:
            await run_jobs()

    async def write(self, person: UUID, product: UUID | str, **body: Any) -> Reply:
        return await self.client.as_customer(person).post(
            f"/api/products/{product}/reviews", {"rating": 5, "title": "Sturdy", "text": "It stands firmly.", **body}
        )

    async def published(self, product: UUID, *, rating: int = 5, name: str = "Ana Brenes", **body: Any) -> str:
        """Write a review as somebody new, have staff publish it, and return its id."""
        reply = await self.write(await self.person(name), product, rating=rating, **body)
        assert reply.status == 201, reply.body
        assert (await self.staff.post(f"/api/admin/reviews/{reply.json['id']}/approve")).status == 200
        return str(reply.json["id"])

    async def seen(self, product: UUID | str, query: str = "") -> dict[str, Any]:
        reply = await self.client.get(f"/api/products/{product}/reviews{query}")
        assert reply.status == 200, reply.body
        return dict(reply.json)

    async def card(self, product: UUID) -> tuple[float | None, int]:
        """What the product's card says of its rating."""
        page = (await self.client.get(f"/api/products/{product}")).json
        return page["rating"], page["review_count"]


@pytest.fixture
def shop(client: ApiClient) -> Shop:
    return Shop(client)


@pytest.fixture
def choose(app: object, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run the rest of the test with other settings: `choose(auto_approve="all")`."""
    module = next(m for m in current().modules if m.name == "reviews")

    def change(**values: Any) -> None:
        present = module.settings.model_dump()
        monkeypatch.setitem(vars(module), "settings", ReviewsSettings(**{**present, **values}))

    return change


def picture(shade: int = 7, kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (400, 300), (shade * 20, 10, 10)).save(data, kind)
    return data.getvalue()


@pytest.fixture
def upload() -> Callable[..., Any]:
    """Upload a photo: `await upload(client, review_id, picture(3))`."""

    async def send(client: ApiClient, review_id: str, data: bytes, *, field: str = "file") -> Reply:
        head = f'--cut\r\nContent-Disposition: form-data; name="{field}"; filename="p.png"\r\n\r\n'.encode()
        return await client.post(
            f"/api/reviews/{review_id}/photos",
            data=head + data + b"\r\n--cut--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=cut"},
        )

    return send


@pytest.fixture
def make_picture() -> Callable[..., bytes]:
    return picture
