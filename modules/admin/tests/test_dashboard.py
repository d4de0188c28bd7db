from datetime import UTC, datetime
from uuid import uuid4

from feria_core import db
from feria_core.runtime import registry

ORDER = """
INSERT INTO orders_order (id, number, checkout_id, customer_id, email, locale, state, payment_status, currency,
    subtotal,
    discount_total, shipping_total, tax_total, grand_total, tax_lines, tax_included, codes, placed_at, created_at,
    updated_at)
VALUES ($1, $2, $1, NULL, 'a@example.org', 'en', 'open', 'paid', $3, $4, 0, 0, 0, $4, '[]', true, '[]', $5, $5, $5)
"""


async def order(amount, placed_at, currency="USD"):
    order_id = uuid4()
    await db.execute(ORDER, order_id, f"F-{order_id.hex[:8]}", currency, amount, placed_at)


def figures(period):
    return {figure["name"]: (figure["value"], figure["before"]) for figure in period["figures"]}


def dollars(amount):
    return {"amount": amount, "currency": "USD"}


async def test_today_begins_at_midnight_of_the_zone(client, clock):
    clock.at = datetime(2026, 3, 29, 8, 0, tzinfo=UTC)  # in Madrid the clocks were set at one
    await order(1000, datetime(2026, 3, 28, 22, 59, tzinfo=UTC))
    await order(2000, datetime(2026, 3, 28, 23, 0, tzinfo=UTC))
    await order(4001, datetime(2026, 3, 29, 7, 0, tzinfo=UTC))
    await order(9000, datetime(2026, 3, 29, 7, 0, tzinfo=UTC), "EUR")
    staff = client.as_staff("analytics.read")
    shown = (await staff.get("/api/admin/dashboard?tz=Europe/Madrid")).json
    assert shown["periods"]["today"]["from"] == "2026-03-28T23:00:00Z"
    today = figures(shown["periods"]["today"])
    assert today["revenue"] == (dollars(6001), dollars(1000))
    assert today["orders"] == (2, 1)
    assert today["average_order_value"] == (dollars(3001), dollars(1000))
    assert figures(shown["periods"]["30d"])["orders"] == (3, 0)
    assert figures((await staff.get("/api/admin/dashboard?tz=UTC")).json["periods"]["today"])["orders"] == (1, 2)
    euros = figures((await staff.get("/api/admin/dashboard?currency=EUR")).json["periods"]["7d"])
    assert euros["revenue"] == ({"amount": 9000, "currency": "EUR"}, {"amount": 0, "currency": "EUR"})


async def test_a_part_is_shown_to_who_holds_its_permission(client, clock):
    await order(1000, clock.at)
    lesser = (await client.as_staff("analytics.read").get("/api/admin/dashboard")).json
    assert lesser["parts"] == []
    assert lesser["open_returns"] is None
    rights = ("analytics.read", "orders.read", "catalog.write", "reviews.moderate", "landing.contacts", "jobs.read")
    shown = (await client.as_staff(*rights).get("/api/admin/dashboard")).json
    values = {part["name"]: part["value"] for part in shown["parts"]}
    assert values == {
        "orders_to_fulfil": 1, "orders_to_pay": 0, "open_returns": 0, "low_stock": 0, "reviews_to_moderate": 0,
        "messages": 0, "failed_jobs": 0,
    }  # fmt: skip
    assert (shown["low_stock"], shown["open_returns"], shown["failed_jobs"]) == (0, 0, 0)


async def test_a_module_that_is_off_is_nowhere(client, monkeypatch):
    known = registry()._offers
    for name, offers in known.items():
        monkeypatch.setitem(known, name, [offer for offer in offers if offer.module not in ("orders", "cart")])
    shown = (await client.as_staff("analytics.read", "orders.read").get("/api/admin/dashboard")).json
    assert shown["parts"] == []
    assert [period["figures"] for period in shown["periods"].values()] == [[], [], []]
    staff = client.as_staff("analytics.read")
    assert (await staff.get("/api/admin/analytics/sales")).code == "report_unknown"
    assert "sales" not in {report["name"] for report in (await staff.get("/api/admin/analytics")).json["items"]}


async def test_titles_come_in_the_language_of_the_request(client):
    staff = client.as_staff("analytics.read", "jobs.read").with_headers(accept_language="es")
    assert (await staff.get("/api/admin/dashboard")).json["parts"][0]["title"] == "Tareas fallidas"


async def test_an_unknown_zone_is_refused(client):
    reply = await client.as_staff("analytics.read").get("/api/admin/dashboard?tz=Europe/Atlantis")
    assert reply.json["errors"][0]["code"] == "unknown_time_zone"
