"""What staff do with subscriptions."""

from __future__ import annotations

from quart import Response

from feria_core import clock
from feria_core.http import ApiBlueprint, Page, staff
from feria_landing.newsletter import readers
from feria_landing.newsletter.schemas import (
    SubscriptionDetail,
    SubscriptionOut,
    SubscriptionQuery,
    SuppressionBody,
    SuppressionOut,
)

blueprint = ApiBlueprint("landing_admin_subscriptions", __name__)
READERS = staff("landing.newsletter")
PATH = "/api/admin/subscriptions"


@blueprint.endpoint("GET", PATH, access=READERS, query=SubscriptionQuery, returns=Page[SubscriptionOut])
async def admin_list_subscriptions(query: SubscriptionQuery) -> Page[SubscriptionOut]:
    """Subscriptions, the latest first."""
    return await readers.listed(query)


@blueprint.endpoint("GET", f"{PATH}/export", access=READERS, media_types=("text/csv",))
async def admin_export_subscriptions() -> Response:
    """All subscriptions as CSV, streamed; cells that a table calculator would run are made text."""
    await readers.record_export()
    headers = {
        "Content-Disposition": f'attachment; filename="subscriptions-{clock.now():%Y-%m-%d}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(readers.as_csv(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.endpoint("POST", f"{PATH}/suppressions", access=READERS, body=SuppressionBody, returns=SuppressionOut)
async def admin_suppress(body: SuppressionBody) -> SuppressionOut:
    """Never mail an address again, whether or not it is subscribed."""
    return await readers.suppress(body)


@blueprint.endpoint("DELETE", f"{PATH}/suppressions", access=READERS, body=SuppressionBody, returns=SuppressionOut)
async def admin_unsuppress(body: SuppressionBody) -> SuppressionOut:
    """Let an address be mailed again, if its owner subscribes anew."""
    return await readers.unsuppress(body)


@blueprint.endpoint("GET", f"{PATH}/<subscription_id>", access=READERS, returns=SubscriptionDetail)
async def admin_get_subscription(subscription_id: str) -> SubscriptionDetail:
    """One subscription with its proof of consent."""
    return await readers.find(subscription_id)


@blueprint.endpoint("DELETE", f"{PATH}/<subscription_id>", access=READERS, status=204)
async def admin_delete_subscription(subscription_id: str) -> None:
    """Delete a subscription with its proof of consent."""
    await readers.remove(subscription_id)
