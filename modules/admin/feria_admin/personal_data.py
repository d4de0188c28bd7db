"""What admin knows of a person, for the port `personal_data`: which of its things are the work of staff."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from feria_admin.bulk import repository as bulk
from feria_core import db
from feria_core.contracts.privacy import DataSubject, Json

_KEYS = """
SELECT coalesce(json_agg(json_build_object('name', name, 'created_at', created_at) ORDER BY id), '[]')::text
FROM admin_api_key WHERE created_by = $1
"""
_BULK = """
SELECT coalesce(json_agg(json_build_object('section', section, 'act', act, 'created_at', created_at) ORDER BY id),
    '[]')::text
FROM admin_bulk WHERE actor_id = $1
"""
_SESSIONS = """
SELECT coalesce(json_agg(json_build_object('created_at', created_at, 'used_at', used_at) ORDER BY created_at),
    '[]')::text
FROM admin_page_session WHERE user_id = $1
"""
_WEBHOOKS = """
SELECT coalesce(json_agg(json_build_object('url', url, 'created_at', created_at) ORDER BY id), '[]')::text
FROM admin_webhook WHERE owner_id = $1
"""


class AdminData:
    """The API keys and webhooks that a member of staff has made, and where he is signed in to the pages."""

    section = "admin"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return names and times; the keys themselves are known to nobody."""
        return {
            "api_keys": orjson.loads(await db.fetch_value(_KEYS, subject.user_id)),
            "page_sessions": orjson.loads(await db.fetch_value(_SESSIONS, subject.user_id)),
            "bulk_acts": orjson.loads(await db.fetch_value(_BULK, subject.user_id)),
            "webhooks": orjson.loads(await db.fetch_value(_WEBHOOKS, subject.user_id)),
        }

    async def erase(self, subject: DataSubject) -> None:
        """Forget who made what; it goes on working for the shop."""
        await db.execute("UPDATE admin_api_key SET created_by = NULL WHERE created_by = $1", subject.user_id)
        await bulk.forget_person(subject.user_id)
        await db.execute("DELETE FROM admin_page_session WHERE user_id = $1", subject.user_id)
        await db.execute("UPDATE admin_webhook SET owner_id = NULL WHERE owner_id = $1", subject.user_id)
