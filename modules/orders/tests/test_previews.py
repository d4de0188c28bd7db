"""Staff see how a mail reads for an order before it is sent."""

import pytest

from feria_core import db
from feria_core.testing.work import run_jobs

MAILS = ("order_confirmation", "shipped", "delivered", "cancelled", "refunded", "return_update")


@pytest.mark.parametrize("mail", MAILS)
async def test_every_mail_is_shown_in_both_languages_and_none_is_sent(shop, buy, order_line, mailbox, mail):
    order = await buy([order_line(1000, 2, name="Mesa <b>\r\nBcc: x")], customer_id=None)
    await run_jobs()
    mailbox.clear()
    before = await traces()
    shown = [
        (await shop.get(f"{order.admin}/mail-preview?mail={mail}&locale={locale}")).json for locale in ("en", "es")
    ]
    assert shown[0]["subject"] != shown[1]["subject"]
    for locale, preview in zip(("en", "es"), shown, strict=True):
        assert (preview["to"], preview["locale"]) == ("ana@example.com", locale)
        assert order.number in preview["subject"] + preview["text"]
        assert f'<html lang="{locale}">' in preview["html"]
        assert "2 x Mesa <b> Bcc: x" in preview["text"]
        assert "<b>" not in preview["html"]
        assert "token=" not in preview["text"] + preview["html"]
    await run_jobs()
    assert (mailbox.mails(), await traces()) == ([], before)


async def test_what_was_sent_reads_as_it_was_shown(shop, buy, order_line, mailbox):
    order = await buy([order_line(1000, 2)], locale="es")
    body = {"items": order.pieces(1), "carrier": "UPS", "tracking_number": "1Z"}
    await shop.post(f"{order.admin}/fulfilments", body)
    await run_jobs()
    for sent in mailbox.mails():
        mail = "shipped" if "camino" in sent["subject"] else "order_confirmation"
        shown = (await shop.get(f"{order.admin}/mail-preview?mail={mail}")).json
        assert (shown["subject"], shown["text"].split()) == (sent["subject"], sent["text"].split())


async def test_each_news_of_a_return_is_shown(shop, buy):
    order = await buy()
    shown = {
        (await shop.get(f"{order.admin}/mail-preview?mail=return_update&return_status={status}")).json["subject"]
        for status in ("requested", "approved", "rejected", "received")
    }
    assert len(shown) == 4


@pytest.mark.parametrize("query", ["mail=welcome", "locale=fr", "locale=..%2Fen", "locale=%00", "return_status=x"])
async def test_what_there_is_not_is_refused(shop, buy, query):
    order = await buy()
    assert (await shop.get(f"{order.admin}/mail-preview?{query}")).status == 422


async def test_it_is_for_staff_who_read_orders_of_orders_there_are(client, shop, buy):
    order = await buy()
    assert (await order.buyer.get(f"{order.admin}/mail-preview")).status == 403
    assert (await client.get(f"{order.admin}/mail-preview")).status == 401
    assert (await shop.get("/api/admin/orders/F-0000-0000/mail-preview")).status == 404


async def traces():
    return await db.fetch_value("SELECT (SELECT count(*) FROM core_mail) + (SELECT count(*) FROM orders_guest_token)")
