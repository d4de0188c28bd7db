"""The mails after the confirmation: each once, in the buyer's language, as text and HTML, with a link that opens."""

import re

import pytest

from feria_core import db
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs

HOSTILE = "<script>alert(1)</script>\r\nBcc: x@y.z {{ 7*7 }}"


def key():
    return {"Idempotency-Key": new_id().hex}


async def live(shop, order, ledger):
    """Let an order be sent in part, delivered, cancelled in part, returned and refunded."""
    await shop.post(f"{order.admin}/cancel", {"items": order.pieces(1)}, headers=key())
    body = {"items": order.pieces(2), "carrier": "UPS", "tracking_number": "1Z"}
    parcel = (await shop.post(f"{order.admin}/fulfilments", body)).json
    await shop.patch(f"{order.admin}/fulfilments/{parcel['id']}", {"status": "delivered"})
    body = {"items": order.pieces(1), "reason": "other"}
    asked = (await order.buyer.post(f"{order.path}/returns", body, headers=key())).json
    await shop.post(f"/api/admin/returns/{asked['id']}/approve", {"message": "<script>Use the old box"})
    await shop.post(f"/api/admin/returns/{asked['id']}/receive")
    await run_jobs()
    await ledger.settle()
    await run_jobs()
    await run_jobs()


SUBJECTS = {
    "en": ["cancelled", "on its way", "delivered", "your return", "approved", "has arrived", "refund", "refund"],
    "es": ["cancelados", "en camino", "entregado", "tu devolución", "aceptada", "ha llegado", "reembolso", "reembolso"],
}


@pytest.mark.parametrize("locale", ["en", "es"])
async def test_each_mail_comes_once_in_the_buyers_language(shop, buy, ledger, order_line, mailbox, locale, choose):
    choose(return_address="Bodega 4, San José")
    order = await buy([order_line(1000, 4, name=f"Mesa {HOSTILE}")], locale=locale)
    await run_jobs()
    mailbox.clear()
    await live(shop, order, ledger)
    mails = mailbox.mails()
    assert len(mails) == len(SUBJECTS[locale])
    for words in set(SUBJECTS[locale]):
        found = sum(words in mail["subject"] for mail in mails)
        assert found >= SUBJECTS[locale].count(words), (words, [mail["subject"] for mail in mails])
    for mail in mails:
        assert mail["to"] == "ana@example.com"
        assert order.number in mail["subject"]
        assert order.number in mail["text"]
        assert "<script" not in mail["html"]
        assert f'<html lang="{locale}">' in mail["html"]
        assert f"/orders/{order.number}" in mail["html"]
        assert not re.search("^Bcc", mail["text"], re.MULTILINE)
    assert sum("Bodega 4" in mail["text"] for mail in mails) == 1
    message_ids = await db.fetch_all("SELECT id FROM core_mail")
    assert len(message_ids) == len(mails) + 1


async def test_a_guests_link_opens_the_order_from_every_mail(client, shop, buy, ledger, order_line, mailbox):
    order = await buy([order_line(1000, 2)], customer_id=None)
    await shop.post(f"{order.admin}/fulfilments", {})
    await run_jobs()
    for mail in mailbox.mails():
        token = re.search(r"token=([\w-]+)", mail["text"])
        assert token is not None
        assert (await client.get(f"{order.path}/tracking?token={token[1]}")).status == 200


async def test_without_notify_nobody_is_told(shop, buy, order_line, mailbox):
    order = await buy([order_line(1000, 2)])
    await run_jobs()
    mailbox.clear()
    await shop.post(f"{order.admin}/fulfilments", {"items": order.pieces(1), "notify": False})
    await shop.post(f"{order.admin}/cancel", {"notify": False}, headers=key())
    await run_jobs()
    assert mailbox.mails() == []
