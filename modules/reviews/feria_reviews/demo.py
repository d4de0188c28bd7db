"""Reviews of the demo shop's products, so that a first look finds opinions, votes and answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

from feria_core import clock, db
from feria_core.ids import new_id
from feria_reviews.domain import Status
from feria_reviews.importing.rows import Incoming
from feria_reviews.importing.run import products_of, store

# Of people who never were: the votes are nobody's, like those of erased people.
_VOTES = """
INSERT INTO reviews_vote (id, review_id, is_helpful, created_at)
SELECT v.id, r.id, v.is_helpful, r.created_at
FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS v (id, external_id, is_helpful)
JOIN reviews_review r ON r.external_id = v.external_id
"""
_COUNTS = """
UPDATE reviews_review r SET is_verified = n.is_verified, helpful = n.helpful, unhelpful = n.unhelpful
FROM unnest($1::text[], $2::boolean[], $3::int[], $4::int[]) AS n (external_id, is_verified, helpful, unhelpful)
WHERE r.external_id = n.external_id
"""


async def load() -> list[str]:
    """Review the demo products of a shop without reviews; return what was made, for the start-up report."""
    entries = tomllib.loads(files("feria_reviews").joinpath("demo_reviews.toml").read_text("utf-8"))["review"]
    async with db.transaction():
        # Asked under a lock: two processes that start together write them once.
        await db.execute("SELECT pg_advisory_xact_lock(hashtext('reviews.demo'))")
        if await db.fetch_value("SELECT EXISTS (SELECT FROM reviews_review)"):
            return []
        products = await products_of({entry["product"] for entry in entries})
        known = [(number, entry) for number, entry in enumerate(entries, 1) if entry["product"] in products]
        if not known:
            return []
        await store([(products[entry["product"]], _incoming(number, entry)) for number, entry in known])
        await _vote(known)
    return [f"{len(known)} reviews"]


def _incoming(number: int, entry: Mapping[str, Any]) -> Incoming:
    return Incoming(
        external_id=_external_id(number),
        product=entry["product"],
        rating=entry["rating"],
        title=entry["title"],
        text=entry["text"],
        author=entry["author"],
        created_at=clock.now() - timedelta(days=entry["days_ago"], minutes=7 * number),
        locale=entry["locale"],
        status=Status(entry.get("status", Status.APPROVED)),
        reply=entry.get("reply"),
    )


async def _vote(entries: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    votes = list(_votes(entries))
    await db.execute(_VOTES, *map(list, zip(*votes, strict=True)))
    counts = [(_external_id(number), entry.get("verified", False), *entry["votes"]) for number, entry in entries]
    await db.execute(_COUNTS, *map(list, zip(*counts, strict=True)))


def _votes(entries: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[UUID, str, bool]]:
    for number, entry in entries:
        for is_helpful, count in zip((True, False), entry["votes"], strict=True):
            for _ in range(count):
                yield new_id(), _external_id(number), is_helpful


def _external_id(number: int) -> str:
    return f"demo-{number:03}"
