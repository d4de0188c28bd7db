"""What promotions know of a person, for the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from feria_core import db
from feria_core.contracts.privacy import DataSubject, Json

_USES = """
SELECT coalesce(json_agg(json_build_object(
    'kind', c.kind, 'target_id', c.target_id, 'units', c.units, 'state', c.state, 'at', c.created_at
) ORDER BY c.created_at, c.id), '[]')::text FROM promotions_claim c WHERE c.customer_id = $1
"""
_CODES = """
SELECT coalesce(json_agg(json_build_object(
    'code', k.code, 'used', k.used, 'ends_at', k.ends_at) ORDER BY k.id), '[]')::text
FROM promotions_code k WHERE k.customer_id = $1
"""


class PromotionData:
    """The discounts that a customer has used, and the codes that are his alone."""

    section = "promotions"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the uses of limited discounts and the personal codes."""
        return {
            "uses": orjson.loads(await db.fetch_value(_USES, subject.user_id)),
            "codes": orjson.loads(await db.fetch_value(_CODES, subject.user_id)),
        }

    async def erase(self, subject: DataSubject) -> None:
        """Take the person off what he has used, which stays counted; his codes become nobody's."""
        await db.execute("UPDATE promotions_claim SET customer_id = NULL WHERE customer_id = $1", subject.user_id)
        await db.execute("DELETE FROM promotions_customer_use WHERE customer_id = $1", subject.user_id)
        for table in ("promotions_code", "promotions_code_batch"):
            # Not NULL: everybody could use them then.
            await db.execute(
                f"UPDATE {table} SET customer_id = gen_random_uuid() WHERE customer_id = $1",
                subject.user_id,
            )
