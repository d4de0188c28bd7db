"""One writer of products at a time."""

from __future__ import annotations

from feria_core import db

# "catw" in ASCII, a key of ours among advisory locks.
_KEY = 0x63617477


async def one_writer() -> None:
    """Wait until no other open transaction creates or edits products, brands or categories.

    Slugs, SKUs and names of categories are looked up and then taken: two writers at once would both find them
    free. Buying is not held up by this lock.
    """
    db.require_transaction("writing products")
    await db.execute("SELECT pg_advisory_xact_lock($1)", _KEY)
