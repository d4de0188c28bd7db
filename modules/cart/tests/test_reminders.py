"""Mails about carts that were left: to those who agreed, at most three, none after an order or an objection."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import pytest

from feria_cart.reminders.sending import send_due
from feria_cart.reminders.service import order_placed
from feria_core import clock as now
from feria_core import db
from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.contracts.cart import CARTS
from feria_core.contracts.orders import OrderCancelled, OrderPlaced
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.jobs import enqueue
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs

PATH = "/api/cart/reminders"
REPORT = "/api/admin/carts/abandoned"
EMAIL = "ada@example.org"


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


async def put_in(shopper, variant: str, quantity: int = 1) -> UUID:
    reply = await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})
    return UUID(reply.json["id"])


async def agree(shopper, email: str | None = EMAIL, **headers: str):
    return await shopper.put(PATH, {"enabled": True, **({"email": email} if email else {})}, headers=headers or None)


async def remind() -> None:
    async with db.transaction():
        await enqueue("cart.remind")
    await run_jobs(rounds=40)


async def order(cart: UUID, *, email: str = EMAIL, amount: int = 5000, number: str = "F-1") -> UUID:
    """Let the cart become an order, as checkout and orders do."""
    order_id = new_id()
    async with db.transaction():
        await registry().get(CARTS).consume(cart, order_number=number)
        await publish(OrderPlaced(order_id, number, None, email, amount, "USD", (), placed_at=now.now()))
    await run_jobs(rounds=40)
    return order_id


def link_in(mail, what: str) -> str:
    return re.search(rf"\S+{what}\?token=(\S+)", mail["text"])[1]


class ActingForSomebody:
    """Takes `acts-for.<customer>` for staff who act for that customer."""

    def accepts(self, credential: str) -> bool:
        return credential.startswith("acts-for.")

    async def authenticate(self, credential: str) -> Principal | None:
        return Principal("customer", UUID(credential.partition(".")[2]), acting_staff=new_id())


@pytest.fixture
async def left(with_token, catalog, people, clock):
    """A guest who has agreed, and what the cart is."""
    guest = await with_token()
    cart = await put_in(guest, catalog.put(price=1000), 2)
    assert (await agree(guest)).status == 200
    return guest, cart


async def test_three_mails_at_their_times_and_never_a_fourth(left, mailbox, clock):
    sent = []
    for minutes in (59, 2, 1378, 2, 2878, 2, 100_000):
        clock.move(minutes=minutes)
        await remind()
        await remind()
        sent.append(len(mailbox.mails()))
    assert sent == [0, 1, 1, 2, 2, 3, 3]
    assert {mail["to"] for mail in mailbox.mails()} == {EMAIL}
    assert "2 x Oak table" in mailbox.mails()[0]["text"]
    assert "$20.00" in mailbox.mails()[0]["text"]


async def test_who_has_not_agreed_is_not_written_to(with_token, customer, catalog, people, mailbox, clock):
    for person in (await with_token(), customer):
        await put_in(person, catalog.put())
    clock.move(days=2)
    await remind()
    assert mailbox.mails() == []


async def test_a_customer_agrees_once_for_every_cart_and_is_written_to_in_the_language_of_the_account(
    customer, catalog, people, mailbox, clock
):
    people.locale = "es"
    assert (await agree(customer, None)).json == {"enabled": True, "email": None}
    await put_in(customer, catalog.put())
    clock.move(hours=2)
    await remind()
    (mail,) = mailbox.mails()
    assert "su carrito sigue aquí" in mail["subject"]
    assert "Dejó esto" in mail["text"]
    await customer.put(PATH, {"enabled": False})
    assert (await customer.get(PATH)).json["enabled"] is False
    clock.move(days=2)
    await remind()
    assert len(mailbox.mails()) == 1


async def test_an_account_that_is_gone_or_not_verified_is_not_written_to(customer, catalog, people, mailbox, clock):
    person = UUID(customer.headers["Authorization"].rpartition(".")[2])
    await agree(customer, None)
    await put_in(customer, catalog.put())
    people.unverified.add(person)
    clock.move(hours=2)
    await remind()
    assert mailbox.mails() == []
    assert await db.fetch_value("SELECT stopped FROM cart_reminder") == "no_address"


async def test_a_guest_needs_a_cart_and_an_address_and_a_customer_neither(guest, with_token, customer, catalog):
    assert (await agree(guest)).code == "cart_empty"
    shopper = await with_token()
    await put_in(shopper, catalog.put())
    assert (await agree(shopper, None)).json["errors"][0]["code"] == "email_needed"
    assert (await agree(shopper, "a@b, c@d")).status == 422
    assert (await agree(customer, EMAIL)).json["errors"][0]["code"] == "email_unexpected"
    await agree(shopper)
    assert (await shopper.get(PATH)).json == {"enabled": True, "email": EMAIL}
    await shopper.put(PATH, {"enabled": False})
    assert (await shopper.get(PATH)).json == {"enabled": False, "email": None}


async def test_a_change_of_the_cart_begins_the_wait_anew(left, catalog, mailbox, clock):
    guest, _ = left
    clock.move(minutes=50)
    await put_in(guest, catalog.put())
    clock.move(minutes=30)
    await remind()
    assert mailbox.mails() == []
    clock.move(minutes=31)
    await remind()
    assert len(mailbox.mails()) == 1


async def test_an_emptied_cart_and_one_of_what_is_not_sold_any_more_are_left_alone(
    left, with_token, catalog, mailbox, clock
):
    guest, _ = left
    await guest.delete("/api/cart")
    other, variant = await with_token(), catalog.put()
    await put_in(other, variant)
    await agree(other, "bob@example.org")
    catalog.change(variant, is_sold=False)
    clock.move(days=2)
    await remind()
    assert mailbox.mails() == []


async def test_two_workers_send_each_mail_once(left, mailbox, clock):
    clock.move(hours=2)
    await asyncio.gather(*(send_due() for _ in range(6)))
    await run_jobs(rounds=40)
    assert len(mailbox.mails()) == 1
    assert await db.fetch_value("SELECT sent FROM cart_reminder") == 1


async def test_a_worker_that_was_down_sends_one_mail_not_all_of_them(left, mailbox, clock):
    clock.move(days=10)
    await remind()
    await remind()
    assert len(mailbox.mails()) == 1


async def test_an_order_stops_the_mails_also_one_from_another_cart_of_the_same_address(
    left, with_token, catalog, mailbox, clock
):
    elsewhere = await with_token()
    other = await put_in(elsewhere, catalog.put())
    clock.move(hours=2)
    await remind()
    await order(other, email=EMAIL.upper())
    clock.move(days=3)
    await remind()
    assert len(mailbox.mails()) == 1


@pytest.mark.parametrize("method", ["get", "post"])
async def test_one_click_ends_the_reminders_for_good(left, with_token, client, catalog, mailbox, clock, method):
    clock.move(hours=2)
    await remind()
    (mail,) = mailbox.mails()
    headers = {name.lower(): value for name, value in mail["headers"].items()}
    token = link_in(mail, "/api/cart/reminders/unsubscribe")
    assert headers["list-unsubscribe"].startswith("<http")
    assert token in headers["list-unsubscribe"]
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    for _ in range(2):
        reply = await getattr(client, method)(f"{PATH}/unsubscribe?token={token}")
        assert reply.status == (200 if method == "get" else 204)
    later = await with_token()
    await put_in(later, catalog.put())
    assert (await agree(later, EMAIL.title())).status == 200  # nobody is told that the address has opted out
    clock.move(days=3)
    await remind()
    assert len(mailbox.mails()) == 1
    for wrong in ("x", f"{new_id()}.{token.partition('.')[2]}", "%C3%A9"):
        assert (await client.get(f"{PATH}/unsubscribe?token={wrong}")).status == 404


async def test_the_report_tells_what_came_back_by_the_link_and_by_the_cart(
    left, with_token, catalog, client, mailbox, clock
):
    _, by_cart = left
    clock.move(hours=2)
    await remind()
    other = await with_token()
    source = await put_in(other, catalog.put(price=3000))
    await agree(other, "bob@example.org")
    clock.move(hours=2)
    await remind()
    mail = next(mail for mail in mailbox.mails() if mail["to"] == "bob@example.org")
    elsewhere = await with_token()
    copied = await elsewhere.post("/api/cart/restore", {"token": link_in(mail, "/cart/restore")})
    await order(by_cart, amount=2000, number="F-1")
    cancelled = await order(UUID(copied.json["id"]), email="else@example.org", amount=3000, number="F-2")
    report = (await client.as_staff("cart.read").get(REPORT)).json
    assert (report["carts"], report["mails"], report["visits"], report["orders"]) == (2, 2, 1, 2)
    assert (report["value"], report["revenue"], report["share"]) == (usd(5000), usd(5000), "1.00")
    assert report["by_mails"] == [{"mails": 1, "carts": 2, "orders": 2, "revenue": usd(5000)}]
    told = {item["cart_id"]: (item["recovered_by"], item["order_number"], item["revenue"]) for item in report["items"]}
    assert told == {str(by_cart): ("cart", "F-1", usd(2000)), str(source): ("link", "F-2", usd(3000))}
    async with db.transaction():
        await publish(OrderCancelled(cancelled, "F-2"))
    await run_jobs(rounds=40)
    assert (await client.as_staff("cart.read").get(REPORT)).json["revenue"] == usd(2000)
    clock.move(days=2)
    await remind()
    assert len(mailbox.mails()) == 2


async def test_an_order_without_a_mail_before_it_or_long_after_one_is_not_recovered(
    left, with_token, catalog, client, mailbox, clock
):
    _, cart = left
    unreminded = await with_token()
    await order(await put_in(unreminded, catalog.put()), email="eve@example.org", number="F-1")
    clock.move(hours=2)
    await remind()
    clock.move(days=15)
    await order(cart, number="F-2")
    report = (await client.as_staff("cart.read").get(f"{REPORT}?from=2000-01-01T00:00:00Z")).json
    assert (report["carts"], report["orders"], report["revenue"]) == (1, 0, usd(0))


async def test_only_staff_with_the_permission_read_the_report(client):
    for caller, status in ((client, 401), (client.as_customer(), 403), (client.as_staff("cart.write"), 403)):
        assert (await caller.get(REPORT)).status == status
    staff = client.as_staff("cart.read")
    empty = (await staff.get(REPORT)).json
    assert (empty["carts"], empty["share"], empty["items"], empty["by_mails"]) == (0, None, [], [])
    assert (await staff.get(f"{REPORT}?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")).status == 422
    assert (await staff.get(f"{REPORT}?from=2026-01-02T00:00:00")).status == 422


async def test_what_is_queued_is_taken_back_when_an_order_comes_or_somebody_objects(
    left, with_token, customer, catalog, people, mailbox, clock
):
    _, cart = left
    objects = await with_token()
    await put_in(objects, catalog.put())
    await agree(objects, "bob@example.org")
    await put_in(customer, catalog.put())
    await agree(customer, None)
    clock.move(hours=2)
    await send_due()  # no worker has sent them yet
    assert await db.fetch_value("SELECT count(*) FROM core_mail") == 3
    await objects.put(PATH, {"enabled": False})
    await customer.put(PATH, {"enabled": False})
    async with db.transaction():
        # To another address than the one that was left with the cart.
        await order_placed(OrderPlaced(new_id(), "F-1", None, "else@example.org", 5000, "USD", (), cart_id=cart))
    await run_jobs(rounds=40)
    assert mailbox.mails() == []


async def test_staff_who_act_for_a_customer_change_the_cart_but_agree_to_no_mails(
    customer, client, catalog, contributions
):
    contributions.contribute(AUTHENTICATORS, ActingForSomebody(), module="cart-tests", order=0)
    person = customer.headers["Authorization"].rpartition(".")[2]
    staff = client.signed_in(f"acts-for.{person}")
    added = await put_in(staff, catalog.put(), 2)
    assert (await customer.get("/api/cart")).json["id"] == str(added)
    refused = await agree(staff, None)
    assert (refused.status, refused.code) == (403, "acting_staff")
    assert (await customer.get(PATH)).json["enabled"] is False
    await agree(customer, None)
    assert (await staff.put(PATH, {"enabled": False})).status == 200
    assert (await customer.get(PATH)).json["enabled"] is False
