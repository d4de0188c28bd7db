"""One writer of the blog at a time."""

from __future__ import annotations

from feria_core import db

# "blog" in ASCII, a key of ours among advisory locks.
_KEY = 0x626C6F67


async def one_writer() -> None:
    """Wait until no other open transaction writes posts, categories, tags or authors; readers wait for nobody.

    Slugs and names are looked up and then taken: two writers at once would both find them free.
    """
    db.require_transaction("writing the blog")
    await db.execute("SELECT pg_advisory_xact_lock($1)", _KEY)
