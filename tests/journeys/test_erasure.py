"""Whoever asks for it is gone from every table, but for what the READMEs say that invoices need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from everywhere import places_of

from feria_core import db
from feria_core._internal.migrations import connect
from feria_core.testing.client import ApiClient
from feria_core.testing.deployment import write_plugins
from feria_core.testing.work import run_jobs

PASSWORD = "correct horse battery"
OLD, NEW, NAME = "Zenobia.Quill@Erase.example", "zq-new@erase.example", "Zenobia Quillfeather"
PHONE, STREET, ELSEWHERE, NOTE = "+506 7123 9941", "Calle Zarzamora 77", "Avenida Yuca 12", "The bell says Quillfeather"
AGENT = "QuillfeatherPhone/1.0"
NEEDLES = (OLD, NEW, "Quillfeather", "Zenobia", PHONE, STREET, ELSEWHERE, NOTE)
HOME = {"name": NAME, "line1": STREET, "city": "San José", "region": "SJ", "postal_code": "10101", "country": "CR",
        "phone": PHONE}  # fmt: skip
OFFICE = HOME | {"line1": ELSEWHERE}

# What the README of orders lists: the recipient of the invoice and his address.
KEPT = {
    ("orders_order", "billing_address", needle) for needle in ("Quillfeather", "Zenobia", STREET, ELSEWHERE)
}  # fmt: skip


@dataclass
class Shop:
    """A shop with one product, and somebody of the staff."""

    client: ApiClient
    staff: ApiClient
    mailbox: Any
    variant: str
    product: str

    async def token(self, to: str) -> str:
        """Return the token of the newest link that was mailed to an address."""
        await run_jobs()
        for mail in self.mailbox.mails():
            found = re.search(r"/[a-z]+-[a-z]+\?token=([A-Za-z0-9_-]+)", mail["text"])
            if mail["to"].lower() == to.lower() and found:
                return found[1]
        raise AssertionError(f"no link was mailed to {to}")

    async def person(self, email: str, name: str, *, agent: str = "Browser") -> ApiClient:
        body = {"email": email, "password": PASSWORD, "name": name}
        assert (await self.client.post("/api/auth/register", body)).status == 202
        verified = await self.client.post("/api/auth/verify-email", {"token": await self.token(email)})
        assert verified.status == 204
        body = {"email": email, "password": PASSWORD}
        answer = await self.client.post("/api/auth/login", body, headers={"User-Agent": agent})
        return self.client.signed_in(answer.json["access_token"])

    async def filled(self, who: ApiClient) -> ApiClient:
        answer = await who.post("/api/cart/items", {"variant_id": self.variant, "quantity": 1})
        assert answer.status == 201, answer.body
        return who if "Authorization" in who.headers else who.with_headers(cart_token=answer.headers["cart-token"])

    async def checkout(self, who: ApiClient, **changes: Any) -> tuple[ApiClient, str]:
        cart = await self.filled(who)
        opened = (await cart.post("/api/checkouts")).json
        buyer = cart.with_headers(checkout_token=opened["token"])
        answer = await buyer.patch(f"/api/checkouts/{opened['id']}", {"shipping_method": "standard", **changes})
        assert answer.status == 200, answer.body
        return buyer, f"/api/checkouts/{opened['id']}"

    async def order(self, who: ApiClient, **changes: Any) -> dict[str, Any]:
        buyer, path = await self.checkout(who, **changes)
        await self.pay(buyer, path, "manual")
        total = (await buyer.get(path)).json["grand_total"]
        placed = await buyer.post(f"{path}/complete", {"expected_total": total}, headers=key())
        assert placed.status == 201, placed.body
        return dict(placed.json)

    async def pay(self, buyer: ApiClient, path: str, provider: str) -> None:
        assert (await buyer.post(f"{path}/payments", {"provider": provider}, headers=key())).status == 201


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


@pytest.fixture
async def shop(client: ApiClient, mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> Shop:
    from feria_users.service import hashing
    from feria_users.service.staff import create_staff

    # What a password costs is not the question here.
    monkeypatch.setattr(hashing, "_COST", (1, 8, 1))
    await create_staff(email="owner@example.org", password=PASSWORD)
    tokens = await client.post("/api/auth/login", {"email": "owner@example.org", "password": PASSWORD})
    staff = client.signed_in(tokens.json["access_token"])
    variant = {"sku": "OAK-160", "price": {"amount": 1000, "currency": "USD"}, "stock": 100}
    body = {"name": "Oak table", "slug": "oak-table", "status": "published", "variants": [variant]}
    product = (await staff.post("/api/admin/products", body)).json
    return Shop(client, staff, mailbox, product["variants"][0]["id"], product["id"])


async def everywhere(*needles: str) -> set[tuple[str, str, str]]:
    return await places_of(db.fetch_all, *needles)


def served(client: ApiClient, path: str) -> bool:
    return any(rule.rule == path for rule in client.app.url_map.iter_rules())


async def review(shop: Shop, me: ApiClient) -> None:
    """Let the person review the product under their name, and the shop answer by name."""
    body = {"rating": 5, "title": f"By {NAME}", "text": f"{NAME}, {OLD}, liked it", "display_name": NAME}
    written = await me.post(f"/api/products/{shop.product}/reviews", body)
    assert written.status == 201, written.body
    path = f"/api/admin/reviews/{written.json['id']}"
    assert (await shop.staff.post(f"{path}/approve")).status == 200
    assert (await shop.staff.post(f"{path}/reply", {"text": f"Thank you, {NAME}"})).status == 200


async def live(shop: Shop) -> tuple[ApiClient, dict[str, dict[str, Any]]]:
    """Let the person do all that the shop offers; return their client and orders."""
    orders = {}
    orders["before"] = await shop.order(shop.client, email=OLD.upper(), shipping_address=HOME, note=NOTE)
    me = await shop.person(OLD, NAME, agent=AGENT)
    await run_jobs()
    for address in (HOME, OFFICE):
        assert (await me.post("/api/users/me/addresses", address)).status == 201
    for path in ("/api/wishlist", "/api/wishlist/items"):
        if served(shop.client, path):
            await me.post(path, {"variant_id": shop.variant})
    orders["own"] = await shop.order(me, shipping_address=OFFICE, billing_address=HOME, note=NOTE, email=OLD)
    note = {"staff_note": f"{NAME} called from {PHONE}"}
    assert (await shop.staff.patch(f"/api/admin/orders/{orders['own']['number']}", note)).status == 200
    await me.patch("/api/users/me", {"name": NAME})
    if served(shop.client, "/api/products/<key>/reviews"):
        await review(shop, me)
    change = {"email": NEW, "password": PASSWORD}
    assert (await me.post("/api/users/me/email", change)).status == 202
    assert (await shop.client.post("/api/auth/confirm-email", {"token": await shop.token(NEW)})).status == 204
    orders["guest"] = await shop.order(shop.client, email=NEW, shipping_address=HOME)
    buyer, path = await shop.checkout(me, email=NEW, shipping_address=HOME, note=NOTE)
    await shop.pay(buyer, path, "stripe")
    await shop.checkout(shop.client, email=NEW, shipping_address=HOME, note=NOTE)
    await run_jobs()
    # What is still under way when the person asks: a link, an event, a job that failed with the address in its reason.
    await shop.client.post("/api/auth/password/forgot", {"email": NEW})
    await run_jobs(rounds=1)
    await me.post("/api/users/me/email", {"email": f"next-{NEW}", "password": PASSWORD})
    await db.execute(
        "UPDATE core_job SET last_error = $1 WHERE id = (SELECT min(id::text)::uuid FROM core_job)",
        f"Key (email)=({NEW}) already exists",
    )
    return me, orders


async def test_export_shows_and_erasure_takes_everything_everywhere(shop: Shop) -> None:
    me, orders = await live(shop)
    stored = {needle for _, _, needle in await everywhere(*NEEDLES)}
    assert stored == set(NEEDLES)

    exported = await me.get("/api/users/me/export")
    assert exported.status == 200
    text = exported.body.decode()
    assert [needle for needle in NEEDLES if needle not in text] == []
    assert {"users", "orders", "cart", "checkout", "core"} <= set(exported.json)
    assert {order["number"] for order in exported.json["orders"]["orders"]} >= {o["number"] for o in orders.values()}
    assert AGENT in text
    assert "password_hash" not in text
    assert "token=" not in text

    assert (await me.delete("/api/users/me")).status == 204
    assert await everywhere(*NEEDLES) <= KEPT
    assert (await me.get("/api/users/me")).status == 401

    await run_jobs()
    await db.execute("UPDATE core_job SET run_at = now() WHERE name = 'users.erase_rest'")
    assert "dead" not in await run_jobs()
    assert await everywhere(*NEEDLES) <= KEPT
    assert await db.fetch_value("SELECT state FROM core_job WHERE name = 'users.erase_rest'") == "done"


async def test_orders_of_an_erased_person_stay_readable_and_add_up(shop: Shop) -> None:
    me, orders = await live(shop)
    assert (await me.delete("/api/users/me")).status == 204
    for name, order in orders.items():
        seen = await shop.staff.get(f"/api/admin/orders/{order['number']}")
        assert seen.status == 200
        assert (seen.json["grand_total"], seen.json["items"]) == (order["grand_total"], order["items"])
        assert (seen.json["email"], seen.json["shipping_address"]) == ("erased@erased.invalid", None), name
        assert (seen.json["billing_address"]["line1"], seen.json["billing_address"]["phone"]) == (STREET, None)
        assert (seen.json["note"], seen.json["staff_note"]) == (None, None)
    guests = await shop.client.get(f"/api/orders/{orders['guest']['number']}?token={orders['guest']['token']}")
    assert guests.status == 404
    before = await db.fetch_value("SELECT count(*) FROM core_mail")
    await shop.staff.patch(f"/api/admin/orders/{orders['own']['number']}", {"email": "erased@erased.invalid"})
    assert await db.fetch_value("SELECT count(*) FROM core_mail") == before
    assert await db.fetch_value("SELECT count(*) FROM orders_order WHERE state = 'draft'") == 0
    assert await db.fetch_value("SELECT sum(reserved) FROM catalog_stock") == 0


async def test_other_people_keep_what_is_theirs(shop: Shop) -> None:
    me, _ = await live(shop)
    alike = f"a{OLD}"
    other = await shop.person(alike, "Somebody Else")
    await other.post("/api/users/me/addresses", OFFICE | {"name": "Somebody Else", "phone": None})
    theirs = await shop.order(other, shipping_address=OFFICE | {"name": "Somebody Else"}, email=alike)
    # The old address belongs to whoever has it now.
    heir = await shop.order(shop.client, email=OLD, shipping_address=OFFICE | {"name": "Heir"})
    assert (await me.delete("/api/users/me")).status == 204
    assert (await other.get("/api/users/me")).json["email"] == alike
    assert len((await other.get("/api/users/me/addresses")).json["items"]) == 1
    assert (await other.get(f"/api/orders/{theirs['number']}")).json["email"] == alike
    kept = (await shop.client.get(f"/api/orders/{heir['number']}?token={heir['token']}")).json
    assert (kept["email"], kept["shipping_address"]["name"]) == (OLD, "Heir")
    assert "core_mail" in {table for table, _, _ in await everywhere(alike)}


async def test_nothing_is_erased_where_one_part_fails(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from feria_core._internal.personal_data import CorePersonalData

    async def fail(*_: Any) -> None:
        raise RuntimeError("the last part fails")

    me, _ = await live(shop)
    before = await everywhere(*NEEDLES)
    with monkeypatch.context() as broken:
        broken.setattr(CorePersonalData, "erase", fail)
        assert (await me.delete("/api/users/me")).status == 500
    assert await everywhere(*NEEDLES) == before
    assert (await me.delete("/api/users/me")).status == 204
    assert await everywhere(*NEEDLES) <= KEPT


GUESTBOOK = {
    "module.py": """
from feria_core.module import Module

module = Module(models="feria_guestbook.models", provides="feria_guestbook.provides:register")
""",
    "models.py": """
from tortoise import fields
from tortoise.models import Model


class Entry(Model):
    id = fields.UUIDField(primary_key=True)
    user_id = fields.UUIDField()
    text = fields.TextField()

    class Meta:
        table = "guestbook_entry"
        app = "guestbook"
""",
    "provides.py": """
from feria_core import db
from feria_core.contracts.privacy import PERSONAL_DATA


class Entries:
    section = "guestbook"

    async def export(self, subject):
        rows = await db.fetch_all("SELECT text FROM guestbook_entry WHERE user_id = $1", subject.user_id)
        return {"entries": [row["text"] for row in rows]}

    async def erase(self, subject):
        await db.execute("DELETE FROM guestbook_entry WHERE user_id = $1", subject.user_id)


def register(registry):
    registry.contribute(PERSONAL_DATA, Entries(), module="guestbook")
""",
    "migrations/0_init.py": """
RUN_IN_TRANSACTION = True


async def upgrade(db):
    return "CREATE TABLE guestbook_entry (id UUID PRIMARY KEY, user_id UUID NOT NULL, text TEXT NOT NULL)"


async def downgrade(db):
    return "DROP TABLE guestbook_entry"
""",
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A distribution from elsewhere, with a table of its own, on a path of its own."""
    site = tmp_path / "site"
    info = site / "feria_guestbook-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: feria-guestbook\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[feria.modules]\nguestbook = feria_guestbook.module:module\n")
    for name, text in {"__init__.py": "", "migrations/__init__.py": "", **GUESTBOOK}.items():
        path = site / "feria_guestbook" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return site


async def test_a_module_from_elsewhere_is_asked_too_and_the_command_line_asks(
    own_database_url: str, outside: Path, tmp_path: Path
) -> None:
    plugins = write_plugins(tmp_path / "plugins.toml")
    plugins.write_text(plugins.read_text() + "[modules.guestbook]\nenabled = true\n")
    path = os.pathsep.join(filter(None, [str(outside), os.environ.get("PYTHONPATH")]))
    environment = {
        **os.environ, "DATABASE_URL": own_database_url, "REDIS_URL": "redis://unused", "FERIA_PLUGINS": str(plugins),
        "PYTHONPATH": path,
    }  # fmt: skip

    def feria(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "feria_core.cli", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert feria("migrate", "up").returncode == 0
    connection = await connect(own_database_url)
    try:
        user_id = uuid4()
        await connection.execute(
            "INSERT INTO users_account (id, email, email_normalized, name, email_verified_at, locale, created_at,"
            " updated_at) VALUES ($1, $2, lower($2), $3, now(), 'en', now(), now())",
            user_id, OLD, NAME,
        )  # fmt: skip
        entry = f"{NAME} was here"
        await connection.execute("INSERT INTO guestbook_entry VALUES ($1, $2, $3)", uuid4(), user_id, entry)
        exported = feria("users", "export", OLD.upper())
        assert exported.returncode == 0, exported.stderr
        assert orjson.loads(exported.stdout)["guestbook"] == {"entries": [entry]}
        unsure = feria("users", "erase", OLD)
        assert (unsure.returncode, "--yes" in unsure.stderr) == (2, True)
        assert len(await places_of(connection.fetch, *NEEDLES)) > 0
        erased = feria("users", "erase", OLD, "--yes")
        assert (erased.returncode, erased.stdout) == (0, "erased\n"), erased.stderr
        assert await places_of(connection.fetch, *NEEDLES) == set()
        again = feria("users", "erase", OLD, "--yes")
        assert (again.returncode, "There is no account" in again.stderr) == (1, True)
    finally:
        await connection.close()
