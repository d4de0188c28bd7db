"""What the cart counts for reports: carts that were begun."""

from __future__ import annotations

from datetime import datetime, timedelta

from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.contracts.analytics import Measure, Rate, Source
from feria_core.figures import counting, quarter
from feria_core.runtime import settings

_CARTS = f"""
SELECT {quarter("created_at")} AS at, NULL AS currency, count(*)
FROM cart_cart WHERE created_at >= $1 AND created_at < $2 GROUP BY 1
"""


async def _kept_since() -> datetime | None:
    """Return the first moment of which no cart has expired."""
    first: datetime | None = await db.fetch_value("SELECT min(created_at) FROM cart_cart")
    expired = clock.now() - timedelta(days=settings(CartSettings).expire_after_days)
    return max(first, expired) if first else None


FUNNEL = Source(
    name="cart.funnel",
    report="funnel",
    title={"en": "From visit to order", "es": "De la visita al pedido"},
    measures=(Measure("carts", {"en": "Carts", "es": "Carritos"}),),
    rates=(Rate("filled", {"en": "Views to carts", "es": "De vistas a carritos"}, "carts", "views"),),
    figures=counting(_CARTS),
    kept_since=_kept_since,
    loses_rows=True,
)
