"""What personalization counts for reports: looks at products, recommendations shown and followed.

Only of people who agreed to be remembered; what they take back is no longer there to be counted again.
"""

from __future__ import annotations

from feria_core.contracts.analytics import Measure, Rate, Source
from feria_core.figures import counting, first, quarter

_VIEWS = f"""
SELECT {quarter("at")} AS at, NULL AS currency, count(*)
FROM personalization_activity WHERE kind = 'view' AND at >= $1 AND at < $2 GROUP BY 1
"""
_RECOMMENDATIONS = f"""
SELECT at, NULL AS currency, sum(answers), sum(products), sum(clicks) FROM (
    SELECT {quarter("at")} AS at, 1 AS answers, cardinality(products) AS products, 0 AS clicks
    FROM personalization_exposure WHERE NOT is_held_out AND at >= $1 AND at < $2
    UNION ALL
    SELECT {quarter("at")}, 0, 0, 1 FROM personalization_activity WHERE kind = 'click' AND at >= $1 AND at < $2
) shown GROUP BY 1
"""

FUNNEL = Source(
    name="personalization.funnel",
    report="funnel",
    title={"en": "From visit to order", "es": "De la visita al pedido"},
    measures=(Measure("views", {"en": "Looks at products", "es": "Vistas de productos"}),),
    figures=counting(_VIEWS),
    kept_since=first("SELECT min(at) FROM personalization_activity WHERE kind = 'view'"),
    loses_rows=True,
)
RECOMMENDATIONS = Source(
    name="personalization.recommendations",
    report="recommendations",
    title={"en": "Recommendations", "es": "Recomendaciones"},
    measures=(
        Measure("shown", {"en": "Times shown", "es": "Veces mostradas"}),
        Measure("products", {"en": "Products shown", "es": "Productos mostrados"}),
        Measure("clicks", {"en": "Followed", "es": "Seguidas"}),
    ),
    rates=(Rate("followed_share", {"en": "Share followed", "es": "Parte seguida"}, "clicks", "shown"),),
    figures=counting(_RECOMMENDATIONS),
    kept_since=first("SELECT min(at) FROM personalization_exposure"),
    loses_rows=True,
)
