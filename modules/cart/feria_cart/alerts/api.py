"""Alerts over HTTP: a person's own, and the one click that ends one."""

from __future__ import annotations

from typing import Any

from feria_cart.alerts import service
from feria_cart.alerts.schemas import AlertOut, AskForAlert, Unsubscribe, alert_json
from feria_cart.wishlist.service import position
from feria_core.auth import current_principal
from feria_core.http import CUSTOMER, PUBLIC, Answer, ApiBlueprint, Page, PageQuery, encode_cursor
from feria_core.http.request import locale
from feria_core.limits import Limit

LINKS = Limit("alert-unsubscribe", 300, 60)

blueprint = ApiBlueprint("cart_alerts", __name__)

_ENDED = {
    "en": "You will get no mail from this alert any more.",
    "es": "Ya no recibirá correos de este aviso.",
}
_PAGE = '<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{text}</title><p>{text}</p></html>'
_POLICY = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


@blueprint.endpoint("GET", "/api/alerts", access=CUSTOMER, query=PageQuery, returns=Page[AlertOut])
async def list_alerts(query: PageQuery) -> dict[str, Any]:
    """The person's alerts, the newest first, those that were sent too."""
    found = await service.page(current_principal().id, limit=query.limit + 1, before=position(query.cursor))
    shown = found[: query.limit]
    more = len(found) > query.limit
    return {
        "items": [alert_json(row, offer) for row, offer in shown],
        "next_cursor": encode_cursor(shown[-1][0]["id"]) if more else None,
    }


@blueprint.endpoint("POST", "/api/alerts", access=CUSTOMER, body=AskForAlert, returns=AlertOut, status=201)
async def ask_for_alert(body: AskForAlert) -> dict[str, Any]:
    """Ask for one mail when a variant is back in stock, or costs less than now."""
    row, offer = await service.ask(current_principal().id, body.variant_id, body.kind)
    return alert_json(row, offer)


@blueprint.endpoint("DELETE", "/api/alerts/<alert_id>", access=CUSTOMER, status=204)
async def drop_alert(alert_id: str) -> None:
    """End an alert."""
    await service.drop(current_principal().id, alert_id)


@blueprint.endpoint(
    "GET", "/api/alerts/unsubscribe", access=PUBLIC, query=Unsubscribe, limit=LINKS, media_types=("text/html",)
)
async def follow_alert_unsubscribe_link(query: Unsubscribe) -> Answer:
    """End the alert of a mail's link, and say so on a page."""
    await service.drop_by_link(query.token)
    language = locale() if locale() in _ENDED else "en"
    page = _PAGE.format(locale=language, text=_ENDED[language])
    return Answer(page, headers=_POLICY, content_type="text/html; charset=utf-8")


@blueprint.endpoint("POST", "/api/alerts/unsubscribe", access=PUBLIC, query=Unsubscribe, status=204, limit=LINKS)
async def unsubscribe_alert_at_once(query: Unsubscribe) -> None:
    """End the alert of a mail's link with one click (RFC 8058)."""
    await service.drop_by_link(query.token)
