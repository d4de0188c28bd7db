"""Personalization's part of the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from feria_core import db
from feria_core.contracts.privacy import DataSubject, Json
from feria_personalization.repository import people
from feria_personalization.repository.people import Who
from feria_personalization.service import consent

_ACTIVITY = """
SELECT coalesce(json_agg(json_build_object('kind', kind, 'at', at, 'product_id', product_id, 'query', query)
    ORDER BY at, id), '[]')::text FROM personalization_activity WHERE person_id = $1
"""
_PURCHASES = """
SELECT coalesce(json_agg(json_build_object('at', at, 'product_id', product_id, 'quantity', quantity)
    ORDER BY at, product_id), '[]')::text FROM personalization_sale WHERE person_id = $1
"""
_SHOWN = """
SELECT coalesce(json_agg(json_build_object('at', at, 'place', place, 'products', products, 'held_out', is_held_out)
    ORDER BY at, id), '[]')::text FROM personalization_exposure WHERE person_id = $1
"""


class RememberedData:
    """The customer's consent, and what was recorded under it. A guest's history leads to nobody."""

    section = "personalization"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the consent, the activity, the purchases learned from, and the recommendations shown."""
        person = await people.find(Who(customer_id=subject.user_id))
        if person is None:
            return {}
        return {
            "consent": {"granted": person["is_granted"], "decided_at": person["decided_at"].isoformat()},
            "activity": orjson.loads(await db.fetch_value(_ACTIVITY, person["id"])),
            "purchases": orjson.loads(await db.fetch_value(_PURCHASES, person["id"])),
            "recommendations": orjson.loads(await db.fetch_value(_SHOWN, person["id"])),
        }

    async def erase(self, subject: DataSubject) -> None:
        """Delete all of it; what was sold stays as the shop's sale, without the person."""
        await consent.forget_person(subject.user_id)
