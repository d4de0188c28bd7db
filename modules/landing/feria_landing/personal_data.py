"""What landing knows of a person, for the port `personal_data`."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from feria_core import db
from feria_core.contracts.privacy import DataSubject, Json

# Rows of an address while it was the person's.
_OWN = """
EXISTS (SELECT FROM unnest($1::text[], $2::timestamptz[]) AS a (form, until)
        WHERE (lower(email COLLATE "C") = a.form OR email_key = a.form) AND created_at <= a.until)
"""
_CONTACTS = f"""
SELECT coalesce(json_agg(json_build_object(
    'name', c.name, 'email', c.email, 'subject', c.subject, 'message', c.message, 'status', c.status,
    'at', c.created_at, 'replies', (
        SELECT coalesce(json_agg(json_build_object('message', r.message, 'at', r.created_at) ORDER BY r.id), '[]')
        FROM landing_contact_reply r WHERE r.contact_id = c.id)
) ORDER BY c.id), '[]')::text FROM landing_contact c WHERE {_OWN}
"""
_SUBSCRIPTIONS = f"""
SELECT coalesce(json_agg(json_build_object(
    'email', s.email, 'status', s.status, 'lists', s.lists, 'locale', s.locale, 'created_at', s.created_at,
    'confirmed_at', s.confirmed_at, 'unsubscribed_at', s.unsubscribed_at, 'consents', (
        SELECT coalesce(json_agg(json_build_object(
            'action', c.action, 'lists', c.lists, 'text_version', c.text_version, 'at', c.at
        ) ORDER BY c.at, c.id), '[]') FROM landing_consent c WHERE c.subscription_id = s.id),
    'newsletters', (
        SELECT coalesce(json_agg(json_build_object(
            'subject', n.subject, 'state', d.state, 'at', d.at) ORDER BY n.id), '[]')
        FROM landing_delivery d JOIN landing_newsletter n ON n.id = d.newsletter_id WHERE d.subscription_id = s.id)
) ORDER BY s.id), '[]')::text FROM landing_subscription s WHERE {_OWN}
"""
_SIGNUPS = f"""
SELECT coalesce(json_agg(json_build_object('email', email, 'lists', lists, 'at', created_at) ORDER BY id), '[]')::text
FROM landing_signup WHERE {_OWN}
"""


class LandingData:
    """Messages to the team with their answers, subscriptions with their proof of consent, answers as staff."""

    section = "landing"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return what was written and subscribed under the person's addresses; links in mails are secrets."""
        pair = subject.spellings()
        return {
            "contacts": orjson.loads(await db.fetch_value(_CONTACTS, *pair)),
            "subscriptions": orjson.loads(await db.fetch_value(_SUBSCRIPTIONS, *pair)),
            "signups": orjson.loads(await db.fetch_value(_SIGNUPS, *pair)),
        }

    async def erase(self, subject: DataSubject) -> None:
        """Delete all of it; that an address is never to be mailed stays, as a hash. Answers become nobody's."""
        pair = subject.spellings()
        for table in ("landing_contact", "landing_signup", "landing_subscription"):
            await db.execute(f"DELETE FROM {table} WHERE {_OWN}", *pair)
        await db.execute("UPDATE landing_contact_reply SET staff_id = NULL WHERE staff_id = $1", subject.user_id)
