"""Reviews' part of the port `personal_data`: what was published stays, without its author."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import orjson

from feria_core import cache, db
from feria_core.contracts.privacy import DataSubject, Json
from feria_core.db import Row
from feria_reviews import keys
from feria_reviews.domain import Status, without_person
from feria_reviews.repository import reviews
from feria_reviews.service import photos
from feria_reviews.service.summaries import tag

_REVIEWS = """
SELECT coalesce(json_agg(json_build_object(
    'id', r.id, 'product_id', r.product_id, 'rating', r.rating, 'title', r.title, 'text', r.text,
    'author_name', r.author_name, 'status', r.status, 'verified_purchase', r.is_verified, 'reply', r.reply,
    'created_at', r.created_at, 'edited_at', r.edited_at,
    'photos', (SELECT coalesce(json_agg(p.url ORDER BY p.id), '[]') FROM reviews_photo p WHERE p.review_id = r.id)
) ORDER BY r.id), '[]')::text FROM reviews_review r WHERE r.customer_id = $1
"""
_VOTES = """
SELECT coalesce(json_agg(json_build_object('review_id', v.review_id, 'helpful', v.is_helpful, 'at', v.created_at)
    ORDER BY v.id), '[]')::text FROM reviews_vote v WHERE v.customer_id = $1
"""
_REPORTS = """
SELECT coalesce(json_agg(json_build_object('review_id', p.review_id, 'reason', p.reason, 'text', p.text,
    'at', p.created_at) ORDER BY p.id), '[]')::text FROM reviews_report p WHERE p.customer_id = $1
"""
_DELIVERIES = """
SELECT coalesce(json_agg(json_build_object('order_id', d.order_id, 'product_id', d.product_id,
    'delivered_at', d.delivered_at, 'refunded_at', d.refunded_at, 'asked_at', d.asked_at) ORDER BY d.id), '[]')::text
FROM reviews_delivery d WHERE d.customer_id = $1
"""
_OPTED_OUT = "SELECT EXISTS (SELECT FROM reviews_optout WHERE customer_id = $1)"

_ANONYMISE = """
UPDATE reviews_review SET customer_id = NULL, author_name = '', title = $2, text = $3, reply = $4,
    moderation_note = NULL, version = version + 1
WHERE id = $1
"""
# What guests were sent under an address while it was the person's.
_GUESTS = """
DELETE FROM reviews_delivery d USING unnest($1::bytea[], $2::timestamptz[]) AS a (hash, until)
WHERE d.customer_id IS NULL AND d.email_hash = a.hash AND coalesce(d.delivered_at, d.refunded_at) <= a.until
"""


class ReviewData:
    """Reviews, votes and reports of the person, and what reached him."""

    section = "reviews"

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return the reviews with their answers, votes, reports, deliveries, and whether requests are unwanted."""
        return {
            "reviews": await _listed(_REVIEWS, subject.user_id),
            "votes": await _listed(_VOTES, subject.user_id),
            "reports": await _listed(_REPORTS, subject.user_id),
            "deliveries": await _listed(_DELIVERIES, subject.user_id),
            "wants_no_requests": bool(await db.fetch_value(_OPTED_OUT, subject.user_id)),
        }

    async def erase(self, subject: DataSubject) -> None:
        """Take name, photos and link to the person off published reviews, delete the others.

        Address and name are taken out of the texts too, the shop's answers included. Votes stay counted, as
        nobody's.
        """
        await reviews.lock_person(subject.user_id)
        for row in await reviews.lock_all_of(subject.user_id):
            await photos.release_all(row["id"])
            await self._leave(row, subject)
            cache.touch(tag(row["product_id"]))
        await self._forget(subject)

    async def _leave(self, row: Row, subject: DataSubject) -> None:
        if row["status"] != Status.APPROVED:
            await reviews.delete(row["id"])
            return
        addresses = [form for address in subject.addresses for form in (address.email, *address.forms)]
        title, text, reply = (
            without_person(row[part] or "", name=subject.name, addresses=addresses)
            for part in ("title", "text", "reply")
        )
        await db.execute(_ANONYMISE, row["id"], title[:200], text[:5000], reply[:5000] or None)

    async def _forget(self, subject: DataSubject) -> None:
        person = subject.user_id
        await db.execute("UPDATE reviews_vote SET customer_id = NULL WHERE customer_id = $1", person)
        await db.execute(
            "UPDATE reviews_report SET customer_id = NULL, text = '', reporter = uuid_send(gen_random_uuid())"
            " WHERE customer_id = $1",
            person,
        )
        for table in ("delivery", "request", "optout", "refusal"):
            await db.execute(f"DELETE FROM reviews_{table} WHERE customer_id = $1", person)
        forms, until = subject.spellings()
        if forms:
            key = await keys.load()
            await db.execute(_GUESTS, [keys.email_hash(form, key) for form in forms], until)


async def _listed(statement: str, customer_id: UUID) -> list[Json]:
    found: list[Json] = orjson.loads(await db.fetch_value(statement, customer_id))
    return found
