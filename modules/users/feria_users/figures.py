"""What users counts for reports: accounts that were opened."""

from __future__ import annotations

from feria_core.contracts.analytics import Measure, Source
from feria_core.figures import counting, first, quarter

_ACCOUNTS = f"""
SELECT {quarter("created_at")} AS at, NULL AS currency, count(*)
FROM users_account WHERE created_at >= $1 AND created_at < $2 GROUP BY 1
"""

CUSTOMERS = Source(
    name="users.customers",
    report="customers",
    title={"en": "Customers", "es": "Clientes"},
    measures=(Measure("accounts", {"en": "New accounts", "es": "Cuentas nuevas"}),),
    figures=counting(_ACCOUNTS),
    kept_since=first("SELECT min(created_at) FROM users_account"),
    loses_rows=True,
)
