"""Rate limits: at most `limit` hits in any `window_s` seconds, counted in PostgreSQL, so they hold without Redis."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from datetime import timedelta

from feria_core import clock, db
from feria_core.errors import RateLimited


@dataclass(frozen=True)
class Limit:
    """At most `limit` hits in any window of `window_s` seconds; `name` separates one limit from another."""

    name: str
    limit: int
    window_s: int


@dataclass(frozen=True)
class Standing:
    """Where a caller stands: what is left, and seconds until the oldest hit leaves the window."""

    limit: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return the `RateLimit-*` headers of an answer."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


# One statement prunes, decides and counts; the row lock of the upsert makes twins wait for each other.
_HIT = """
INSERT INTO core_rate_limit AS r (key, hits, expires_at) VALUES ($1, ARRAY[$2::timestamptz], $2 + $3)
ON CONFLICT (key) DO UPDATE SET
    hits = (SELECT CASE WHEN count(h) < $4 THEN array_append(coalesce(array_agg(h ORDER BY h), '{}'), $2)
                        ELSE array_agg(h ORDER BY h) || ARRAY['infinity'::timestamptz] END
            FROM unnest(r.hits) AS h WHERE h > $2 - $3 AND h < 'infinity'),
    expires_at = $2 + $3
RETURNING hits[1] AS oldest, cardinality(hits) AS used, hits[cardinality(hits)] = 'infinity' AS refused
"""

_GIVE_BACK = """
UPDATE core_rate_limit SET hits = (
    SELECT coalesce(array_agg(h ORDER BY nth), '{}') FROM unnest(hits) WITH ORDINALITY AS u (h, nth)
    WHERE nth <> (SELECT max(n) FROM unnest(hits) WITH ORDINALITY AS w (k, n) WHERE k < 'infinity'))
WHERE key = $1 AND cardinality(hits) > 0
"""


async def hit(limit: Limit, who: str) -> Standing:
    """Count one hit of `who` (an address, an account id). Raises RateLimited, uncounted, past the limit."""
    now = clock.now()
    window = timedelta(seconds=limit.window_s)
    row = await db.fetch_one(_HIT, f"{limit.name}:{who}", now, window, limit.limit)
    assert row is not None  # noqa: S101 - an upsert always returns its row
    reset_s = max(1, math.ceil((row["oldest"] + window - now).total_seconds()))
    if row["refused"]:
        standing = Standing(limit.limit, 0, reset_s)
        raise RateLimited(
            f"At most {limit.limit} such requests in {limit.window_s} s are answered: try again in {reset_s} s.",
            headers={"Retry-After": str(reset_s), **standing.headers()},
        )
    return Standing(limit.limit, limit.limit - row["used"], reset_s)


async def forget(limit: Limit, who: str) -> None:
    """Take back every hit of `who`, e.g. wrong passwords once the right one was given."""
    await db.execute("DELETE FROM core_rate_limit WHERE key = $1", f"{limit.name}:{who}")


async def give_back(limit: Limit, who: str) -> None:
    """Take back the last hit of `who`: what it was counted for turned out well."""
    await db.execute(_GIVE_BACK, f"{limit.name}:{who}")


def address_key(address: str) -> str:
    """Return what limits count by: an IPv4 address, or the /64 of an IPv6 one, which one household owns."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:  # noqa: PLR2004 - the protocol's number
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
