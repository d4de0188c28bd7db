"""Reminders and restore links over HTTP."""

from __future__ import annotations

from feria_cart.caller import answer, caller, require_in_person
from feria_cart.links import restore_url
from feria_cart.reminders import service
from feria_cart.reminders.schemas import EndReminders, RemindersOut, RestoreCart, RestoreLinkOut, SetReminders
from feria_cart.schemas import CartOut
from feria_cart.service import restoring
from feria_core.http import PUBLIC, Answer, ApiBlueprint
from feria_core.http.request import locale
from feria_core.limits import Limit

CONSENTS = Limit("cart-reminders", 20, 3600)
LINKS = Limit("cart-links", 300, 60)

blueprint = ApiBlueprint("cart_reminders", __name__)

_ENDED = {
    "en": "You will not be reminded of carts any more.",
    "es": "Ya no le recordaremos sus carritos.",
}
_PAGE = '<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{text}</title><p>{text}</p></html>'
_POLICY = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


@blueprint.endpoint("GET", "/api/cart/reminders", access=PUBLIC, returns=RemindersOut)
async def get_reminders() -> Answer:
    """Whether the owner of the cart is reminded of what is left in it."""
    found = await caller()
    enabled, email = await service.wanted(found.shopper)
    return Answer(RemindersOut(enabled=enabled, email=email), headers=found.headers)


@blueprint.endpoint(
    "PUT", "/api/cart/reminders", access=PUBLIC, body=SetReminders, returns=RemindersOut, limit=CONSENTS
)
async def set_reminders(body: SetReminders) -> Answer:
    """Agree to a few mails about a cart that is left, or take that back; staff who act for a customer may only end."""
    found = await caller()
    if body.enabled:
        require_in_person()
        await service.agree(found.shopper, body.email, locale())
    else:
        await service.decline(found.shopper)
    return Answer(RemindersOut(enabled=body.enabled, email=body.email if body.enabled else None), headers=found.headers)


@blueprint.endpoint(
    "GET", "/api/cart/reminders/unsubscribe", access=PUBLIC, query=EndReminders, limit=LINKS, media_types=("text/html",)
)
async def follow_reminder_unsubscribe_link(query: EndReminders) -> Answer:
    """End the reminders of a mail's link, and say so on a page."""
    await service.end_by_link(query.token)
    language = locale() if locale() in _ENDED else "en"
    page = _PAGE.format(locale=language, text=_ENDED[language])
    return Answer(page, headers=_POLICY, content_type="text/html; charset=utf-8")


@blueprint.endpoint(
    "POST", "/api/cart/reminders/unsubscribe", access=PUBLIC, query=EndReminders, status=204, limit=LINKS
)
async def unsubscribe_reminders_at_once(query: EndReminders) -> None:
    """End the reminders of a mail's link with one click (RFC 8058)."""
    await service.end_by_link(query.token)


@blueprint.endpoint("POST", "/api/cart/restore-link", access=PUBLIC, returns=RestoreLinkOut, status=201, limit=LINKS)
async def make_restore_link() -> Answer:
    """Make a link that opens the cart on another device for some days."""
    found = await caller()
    token, until = await restoring.make_link(found.shopper)
    link = RestoreLinkOut(token=token, url=restore_url(token), expires_at=until)
    return Answer(link, headers=found.headers)


@blueprint.endpoint("POST", "/api/cart/restore", access=PUBLIC, body=RestoreCart, returns=CartOut, limit=LINKS)
async def restore_cart(body: RestoreCart) -> Answer:
    """Open the cart of a link on this device; following it again adds nothing."""
    found = await caller()
    await restoring.restore(found.shopper, body.token)
    return await answer(found, agrees=True)
