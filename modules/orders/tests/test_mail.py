"""The confirmation, as it arrives."""

import pytest

from feria_core.ids import new_id
from feria_core.testing.work import run_jobs


@pytest.fixture
def receive(client, mailbox):
    async def received():
        await run_jobs()
        return mailbox.mails()

    return received


async def test_a_guest_gets_lines_totals_and_a_link(receive, draft, order_line, place):
    lines = [order_line(19900, 2, discount=900), order_line(550, name="Oil", options={})]
    order = await place(draft(lines, shipping=500, tax=5265))
    [mail] = await receive()
    assert mail["to"] == "ana@example.com"
    assert order.number in mail["subject"]
    for part in (
        "2 x Oak table (160)",
        "1 x Oil",
        "$389.00",
        "$5.50",
        "-$9.00",
        "$5.00",
        "$52.65",
        "$452.15",
        "San José",
    ):
        assert part in mail["text"]
    for part in ("Oak table", "$452.15", "IVA 13 %"):
        assert part in mail["html"]
    for body in (mail["text"], mail["html"]):
        assert f"/orders/{order.number}?token=" in body


async def test_a_customers_link_carries_no_token(receive, place):
    order = await place(customer_id=new_id())
    [mail] = await receive()
    assert f"/orders/{order.number}" in mail["text"]
    assert "token=" not in mail["text"] + mail["html"]


async def test_in_spanish_words_and_amounts_are_spanish(receive, draft, order_line, place):
    await place(draft([order_line(123456, currency="EUR")], locale="es", tax=100, tax_included=True))
    [mail] = await receive()
    assert "tu pedido" in mail["subject"]
    assert "Gracias por tu pedido" in mail["text"]
    assert "IVA 13 % (incluido)" in mail["text"]
    assert "1.234,56" in mail["text"]
    assert '<html lang="es">' in mail["html"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("paid", "Your payment has arrived."), ("pending", "You pay on invoice"), ("authorized", "is authorised")],
)
async def test_the_mail_says_how_the_payment_stands(receive, place, status, sentence):
    await place(status=status)
    [mail] = await receive()
    assert sentence in mail["text"]
    assert sentence in mail["html"]


async def test_hostile_text_stays_text(receive, draft, order_line, place):
    evil = "<script>alert(1)</script>\r\nTotal: $0.00 {{ 7*7 }} %s \u202e\u0001"
    address = {
        "name": evil, "company": '"><img src=x onerror=alert(1)>', "line1": evil, "line2": None, "city": "İ\U0001f6d2",
        "region": None, "postal_code": None, "country": "CR", "phone": None,
    }  # fmt: skip
    made = draft(
        [order_line(name=evil, options={"<b>": "<i>x</i>"})],
        shipping_address=address, shipping_label="<u>Fast</u>", note=evil, codes=("<x>",),
    )  # fmt: skip
    await place(made)
    [mail] = await receive()
    for tag in ("<script", "<img", "<i>x", "<u>Fast"):
        assert tag not in mail["html"]
    assert "&lt;script&gt;" in mail["html"]
    assert "{{ 7*7 }}" in mail["text"]
    assert not [line for line in mail["text"].splitlines() if line.startswith("Total: $0.00")]
    assert "\n" not in mail["subject"]
