"""The posts that mention a product, on the product's page."""

from __future__ import annotations

from uuid import UUID

from feria_blog.reading.cards import path_of
from feria_blog.reading.languages import column, wished
from feria_core import cache, clock, db
from feria_core.contracts.privacy import Json

SHOWN = 10
# Those to come are read too: the page may be kept until the first of them appears.
_POSTS = f"""
SELECT p.publish_at, p.publish_at > $1 AS is_to_come,
    {", ".join(f"{column(name)} AS {name}" for name in ("slug", "title", "excerpt"))}
FROM (
    (SELECT q.id FROM blog_mention m JOIN blog_post q ON q.id = m.post_id
     WHERE m.product_id = $3 AND q.status = 'published' AND q.publish_at <= $1
     ORDER BY q.publish_at DESC, q.id DESC LIMIT {SHOWN})
    UNION ALL
    (SELECT q.id FROM blog_mention m JOIN blog_post q ON q.id = m.post_id
     WHERE m.product_id = $3 AND q.status = 'published' AND q.publish_at > $1 ORDER BY q.publish_at LIMIT 1)) near
JOIN blog_post p ON p.id = near.id
LEFT JOIN blog_translation t ON t.post_id = p.id AND t.locale = $2 AND t.locale <> p.locale
ORDER BY p.publish_at DESC, p.id DESC
"""


class MentionedIn:
    """The member `mentioned_in` of a product: slug, address, title, excerpt and time of the newest posts."""

    member = "mentioned_in"

    async def of(self, product_id: UUID) -> Json:
        """Return the posts that mention the product and are published now, the newest first."""
        rows = await db.fetch_all(_POSTS, clock.now(), wished(), product_id)
        for row in rows:
            if row["is_to_come"]:
                cache.until(row["publish_at"])
        return [
            {
                "slug": row["slug"],
                "url": path_of(row["slug"]),
                "title": row["title"],
                "excerpt": row["excerpt"],
                "published_at": f"{row['publish_at']:%Y-%m-%dT%H:%M:%SZ}",
            }
            for row in rows
            if not row["is_to_come"]
        ]
