"""Requests for reviews over HTTP: the link of a mail, and the way out of such mails."""

from __future__ import annotations

from typing import Any

import orjson

from feria_core.auth import current_principal
from feria_core.http import CUSTOMER, PUBLIC, Answer, ApiBlueprint
from feria_core.http.request import locale
from feria_core.limits import Limit
from feria_reviews.schemas import (
    LinkedReviewBody,
    OwnReviewOut,
    RequestOut,
    RequestsBody,
    RequestsOut,
    TokenQuery,
    own_json,
)
from feria_reviews.service import requests
from feria_reviews.service.writing import Written

LINKS = Limit("reviews.links", 300, 60)

blueprint = ApiBlueprint("reviews_requests", __name__)

_ENDED = {
    "en": "We will ask you for no more reviews.",
    "es": "No le pediremos más reseñas.",
}
_PAGE = '<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{text}</title><p>{text}</p></html>'
_POLICY = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


@blueprint.endpoint(
    "GET", "/api/review-requests", access=PUBLIC, query=TokenQuery, returns=RequestOut, limit=LINKS
)  # fmt: skip
async def look_at_request(query: TokenQuery) -> dict[str, Any]:
    """What the link of a mail is for: the product to review, until when."""
    link = await requests.look(query.token)
    return {"product": orjson.loads(link.product.card) if link.product else None, "expires_at": link.expires_at}


@blueprint.endpoint(
    "POST", "/api/review-requests", access=PUBLIC, body=LinkedReviewBody, returns=OwnReviewOut, status=201, limit=LINKS
)
async def write_by_link(body: LinkedReviewBody) -> dict[str, Any]:
    """Write the review that a mail asked for, without signing in; the link works once."""
    written = Written(body.rating, body.title, body.text, body.display_name)
    return own_json(await requests.write(body.token, written))


@blueprint.endpoint(
    "GET", "/api/review-requests/unsubscribe", access=PUBLIC, query=TokenQuery, limit=LINKS, media_types=("text/html",)
)
async def follow_request_unsubscribe_link(query: TokenQuery) -> Answer:
    """End requests to the person of the mail's link, and say so on a page."""
    await requests.unsubscribe(query.token)
    language = locale() if locale() in _ENDED else "en"
    page = _PAGE.format(locale=language, text=_ENDED[language])
    return Answer(page, headers=_POLICY, content_type="text/html; charset=utf-8")


@blueprint.endpoint(
    "POST", "/api/review-requests/unsubscribe", access=PUBLIC, query=TokenQuery, status=204, limit=LINKS
)
async def unsubscribe_requests_at_once(query: TokenQuery) -> None:
    """End requests to the person of the mail's link with one click (RFC 8058)."""
    await requests.unsubscribe(query.token)


@blueprint.endpoint("GET", "/api/review-requests/settings", access=CUSTOMER, returns=RequestsOut)
async def read_request_settings() -> dict[str, Any]:
    """Whether the shop may ask the person for reviews by mail."""
    return {"mails": await requests.is_wanted(current_principal().id)}


@blueprint.endpoint("PUT", "/api/review-requests/settings", access=CUSTOMER, body=RequestsBody, returns=RequestsOut)
async def change_request_settings(body: RequestsBody) -> dict[str, Any]:
    """Let the shop ask for reviews by mail, or not."""
    await requests.set_wanted(current_principal().id, is_wanted=body.mails)
    return {"mails": body.mails}
