"""What the checkout counts for reports: checkouts that buyers began, not those that staff made for them."""

from __future__ import annotations

from feria_core.contracts.analytics import Measure, Rate, Source
from feria_core.figures import counting, first, quarter

_CHECKOUTS = f"""
SELECT {quarter("created_at")} AS at, NULL AS currency, count(*)
FROM checkout_checkout WHERE draft IS NULL AND created_at >= $1 AND created_at < $2 GROUP BY 1
"""

FUNNEL = Source(
    name="checkout.funnel",
    report="funnel",
    title={"en": "From visit to order", "es": "De la visita al pedido"},
    measures=(Measure("checkouts", {"en": "Checkouts", "es": "Compras iniciadas"}),),
    rates=(Rate("checked_out", {"en": "Carts to checkouts", "es": "De carritos a compras"}, "checkouts", "carts"),),
    figures=counting(_CHECKOUTS),
    kept_since=first("SELECT min(created_at) FROM checkout_checkout"),
    loses_rows=True,
)
