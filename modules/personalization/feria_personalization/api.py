"""What visitors call: telling what they do, their consent and history, recommendations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import orjson

from feria_core.auth import maybe_principal
from feria_core.contracts.cart import CartOwner
from feria_core.contracts.catalog import PRODUCTS
from feria_core.errors import BadRequest
from feria_core.http import PUBLIC, Answer, ApiBlueprint, Page, PageQuery, decode_cursor, encode_cursor
from feria_core.http.request import locale
from feria_core.ids import parse_id
from feria_core.limits import Limit
from feria_core.runtime import registry
from feria_personalization import callers
from feria_personalization.domain import Place
from feria_personalization.repository.activity import Event
from feria_personalization.schemas import (
    ActivityBatch,
    ActivityEvent,
    ActivityOut,
    ConsentIn,
    ConsentOut,
    HistoryItem,
    RecommendationsOut,
    RecommendationsQuery,
)
from feria_personalization.service import consent, recommending, recording
from feria_personalization.service.reasons import text_of

blueprint = ApiBlueprint("personalization", __name__)

# A page sends a batch every few seconds at most.
ACTIVITY_LIMIT = Limit("personalization.activity", limit=60, window_s=60)
CONSENT_LIMIT = Limit("personalization.consent", limit=20, window_s=60)
MAX_ACTIVITY_BYTES = 64 * 1024


@blueprint.endpoint(
    "POST", "/api/activity", access=PUBLIC, body=ActivityBatch, returns=ActivityOut, status=202,
    limit=ACTIVITY_LIMIT, max_body_bytes=MAX_ACTIVITY_BYTES,
)  # fmt: skip
async def tell_activity(body: ActivityBatch) -> ActivityOut:
    """Tell what the visitor looked at, searched for and clicked on; recorded only with their consent."""
    return ActivityOut(recorded=await recording.record(callers.caller(), [_event(event) for event in body.events]))


@blueprint.endpoint("GET", "/api/personalization/consent", access=PUBLIC, returns=ConsentOut)
async def get_consent() -> ConsentOut:
    """Whether the caller wants to be remembered; who never decided does not."""
    decided = await consent.decision(callers.caller())
    return ConsentOut(
        granted=decided is not None and decided["is_granted"], decided_at=decided["decided_at"] if decided else None
    )


@blueprint.endpoint(
    "PUT", "/api/personalization/consent", access=PUBLIC, body=ConsentIn, returns=ConsentOut, limit=CONSENT_LIMIT
)
async def set_consent(body: ConsentIn) -> ConsentOut:
    """Say yes or no to being remembered; a no stops recording and use with the next request."""
    decided = await consent.decide(callers.known_caller(), is_granted=body.granted)
    return ConsentOut(granted=decided["is_granted"], decided_at=decided["decided_at"])


@blueprint.endpoint("GET", "/api/personalization/history", access=PUBLIC, query=PageQuery, returns=Page[HistoryItem])
async def get_history(query: PageQuery) -> Page[HistoryItem]:
    """What is stored of what the caller did, newest first; somebody unknown has none."""
    before = _position(query.cursor)
    person = await consent.decision(callers.caller())
    if person is None:
        return Page(items=[])
    rows = await recording.history(person["id"], before=before, limit=query.limit + 1)
    rows, more = rows[: query.limit], len(rows) > query.limit
    cards = await registry().get(PRODUCTS).cards({row["product_id"] for row in rows if row["product_id"]})
    items = [
        HistoryItem(**row, product=orjson.loads(cards[row["product_id"]].card) if row["product_id"] in cards else None)
        for row in rows
    ]
    return Page(items=items, next_cursor=encode_cursor(items[-1].at, items[-1].id) if more else None)


@blueprint.endpoint("DELETE", "/api/personalization/history", access=PUBLIC, status=204)
async def delete_history() -> None:
    """Delete what is stored of what the caller did; their consent stays as it is."""
    await consent.forget_history(callers.caller())


@blueprint.endpoint(
    "GET", "/api/recommendations", access=PUBLIC, query=RecommendationsQuery, returns=RecommendationsOut
)
async def get_recommendations(query: RecommendationsQuery) -> Answer:
    """Products that the caller may like here, each with its reason; shown, in stock and not owned."""
    answer = await recommending.recommend(
        Place(query.place), who=callers.caller(), cart=_cart_owner(), product=query.product, limit=query.limit
    )
    items = [
        {"product": orjson.Fragment(item.card.card), "reason": _reason(item)}
        for item in answer.items
    ]  # fmt: skip
    body = {"id": str(answer.id), "for": answer.place, "model_version": answer.version, "items": items}
    return Answer(orjson.dumps(body))


def _reason(item: recommending.Shown) -> dict[str, object]:
    because = item.because
    return {
        "code": item.found.reason,
        "text": text_of(item.found.reason, because.name if because else None, locale=locale()),
        "product": {"id": str(because.product_id), "slug": because.slug, "name": because.name} if because else None,
    }


def _event(event: ActivityEvent) -> Event:
    return Event(event.kind, _uuid(event.product_id), event.query, _uuid(event.recommendation_id))


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _cart_owner() -> CartOwner | None:
    principal = maybe_principal()
    if principal is not None and principal.kind != "api_key":
        return CartOwner(customer_id=principal.id)
    token = callers.token()
    return CartOwner(cart_token=token) if token else None


def _position(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return the place in the history that a cursor names. Raises BadRequest for one that is not ours."""
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    row_id = parse_id(str(parts[1]))
    try:
        at = datetime.fromisoformat(str(parts[0]))
    except ValueError:
        at = None
    if row_id is None or at is None or at.tzinfo is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return at, row_id
