"""What visitors send: contact messages and subscriptions, and the links of mails."""

from __future__ import annotations

from collections.abc import Awaitable

from quart import Response, request

from feria_core.http import PUBLIC, ApiBlueprint
from feria_core.http.responses import JSON, to_bytes
from feria_core.runtime import settings
from feria_landing.contact import service as contact
from feria_landing.contact.schemas import AcceptedOut, ContactBody
from feria_landing.errors import LinkInvalid
from feria_landing.newsletter import consent, pages, signing_up
from feria_landing.newsletter.schemas import ConfirmedOut, ListOut, ListsOut, StandingOut, SubscribeBody, TokenQuery
from feria_landing.settings import LandingSettings

blueprint = ApiBlueprint("landing_mail", __name__)
CONFIRM, UNSUBSCRIBE = "/api/subscribe/confirm", "/api/unsubscribe"


@blueprint.endpoint("POST", "/api/contact", access=PUBLIC, body=ContactBody, returns=AcceptedOut, status=202)
async def send_contact(body: ContactBody) -> AcceptedOut:
    """Write to the team; three messages an hour from one address, then 429 `rate_limited`."""
    await contact.take(body)
    return AcceptedOut()


@blueprint.endpoint("GET", "/api/subscribe/lists", access=PUBLIC, returns=ListsOut)
async def list_newsletters() -> ListsOut:
    """The newsletters that can be subscribed to."""
    chosen = settings(LandingSettings)
    items = [ListOut(code=code, name=name) for code, name in chosen.lists.items()]
    return ListsOut(items=items, consent_version=chosen.consent_version)


@blueprint.endpoint("POST", "/api/subscribe", access=PUBLIC, body=SubscribeBody, returns=AcceptedOut, status=202)
async def subscribe(body: SubscribeBody) -> AcceptedOut:
    """Ask for newsletters: 202 whether or not the address is known; the link in the mail confirms."""
    await signing_up.take(body)
    return AcceptedOut()


@blueprint.endpoint("GET", CONFIRM, access=PUBLIC, query=TokenQuery, returns=ConfirmedOut)
async def confirm_subscription(query: TokenQuery) -> Response:
    """The link of the mail: works once. A page for browsers, JSON else."""
    return await _linked(consent.confirm(query.token))


@blueprint.endpoint("GET", UNSUBSCRIBE, access=PUBLIC, query=TokenQuery, returns=StandingOut)
async def show_unsubscribe(query: TokenQuery) -> Response:
    """How things stand, and for browsers the button; it changes nothing, since scanners of mail follow links."""
    return await _linked(consent.standing(query.token))


@blueprint.endpoint("POST", UNSUBSCRIBE, access=PUBLIC, query=TokenQuery, returns=StandingOut)
async def unsubscribe(query: TokenQuery) -> Response:
    """End the subscription: one click, without a login (RFC 8058)."""
    return await _linked(consent.unsubscribe(query.token))


async def _linked(work: Awaitable[ConfirmedOut | StandingOut]) -> Response:
    """Return the answer to a link as a page for people, as JSON for programs. Raises LinkInvalid for these."""
    try:
        answer = await work
    except LinkInvalid:
        if not _is_browser():
            raise
        return Response(pages.render("invalid"), status=400, content_type=pages.HTML, headers=pages.HEADERS)
    if _is_browser():
        return Response(pages.render(answer.status), content_type=pages.HTML, headers=pages.HEADERS)
    return Response(to_bytes(answer), content_type=JSON)


def _is_browser() -> bool:
    return request.accept_mimetypes.best_match([JSON, "text/html"], default=JSON) == "text/html"
