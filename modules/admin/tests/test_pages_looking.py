"""How the buyer's mails read, looked at beforehand on the pages of an order."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from feria_core import db
from feria_core.contracts.money import Money
from feria_core.contracts.orders import ORDERS, OrderDraft, OrderLine
from feria_core.runtime import registry

HOSTILE = "Clock <script>alert(1)</script>"


@pytest.fixture
async def order() -> str:
    """The page of an order that a guest has placed in Spanish."""
    price = Money(1999, "USD")
    line = OrderLine(
        product_id=uuid4(), variant_id=uuid4(), sku="C-1", name=HOSTILE, options={}, quantity=2, unit_price=price,
        discount=Money(0, "USD"), tax=Money(0, "USD"), total=Money(3998, "USD"), image_url=None,
    )  # fmt: skip
    nothing = Money(0, "USD")
    draft = OrderDraft(
        checkout_id=uuid4(), customer_id=None, email="ana@example.org", locale="es", lines=(line,),
        subtotal=line.total, discount_total=nothing, shipping_total=nothing, tax_total=nothing, grand_total=line.total,
        tax_lines=(), tax_included=True, codes=(), shipping_address=None, billing_address=None, shipping_method=None,
        shipping_label=None, note=None,
    )  # fmt: skip
    orders = registry().get(ORDERS)
    async with db.transaction():
        made = await orders.create(draft)
        await orders.place(made.id, payment_status="paid", provider="manual")
    return f"/admin/s/orders/i/{made.number}"


async def test_an_order_leads_to_how_its_mails_read(staff_browser: Any, order: str) -> None:
    browser = await staff_browser()
    assert f'href="{order}/look/mail"' in (await browser.get(order)).text
    first = await browser.get(f"{order}/look/mail")
    assert first.status == 200, first.text
    assert "ana@example.org" in first.text
    assert '<option value="order_confirmation" selected>' in first.text
    assert "Gracias" in first.text
    sent = await browser.get(f"{order}/look/mail?mail=shipped&locale=en")
    assert "is on its way" in sent.text
    assert '<option value="en" selected>' in sent.text
    assert "Clock" in sent.text
    assert "<script>alert" not in first.text + sent.text
    assert "unsafe" not in sent.headers["Content-Security-Policy"]
    assert await db.fetch_value("SELECT count(*) FROM core_mail WHERE template LIKE '%shipped%'") == 0
    refused = await browser.get(f"{order}/look/mail?mail=welcome")
    assert refused.status == 422
    assert 'role="alert"' in refused.text


async def test_what_there_is_not_and_what_is_not_for_these_eyes_is_nowhere(staff_browser: Any, order: str) -> None:
    browser = await staff_browser("users.read")
    assert (await browser.get(f"{order}/look/mail")).status == 404
    assert (await browser.get("/admin/s/customers/i/x/look/mail")).status == 404


async def test_it_speaks_spanish_around_the_mail(staff_browser: Any, order: str) -> None:
    browser = await staff_browser()
    await browser.get("/admin/language/es")
    page = (await browser.get(f"{order}/look/mail")).text
    for words in ("Vista previa de correos", "Confirmación del pedido", "Como texto", "Idioma"):
        assert words in page
