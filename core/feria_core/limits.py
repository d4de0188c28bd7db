"""Rate limits: at most `limit` hits in any `window_s` seconds, counted in PostgreSQL, so they hold without Redis."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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


# One statement prunes, decides and counts; the row locks of the upsert, taken in the order of the keys, make twins
# wait for each other.
_HIT = """
WITH asked AS (SELECT * FROM unnest($1::text[], $3::interval[], $4::int[]) AS a (key, span, most))
INSERT INTO core_rate_limit AS r (key, hits, expires_at)
SELECT key, ARRAY[$2::timestamptz], $2 + span FROM asked ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    hits = (SELECT CASE WHEN count(h) = 0 THEN ARRAY[$2]
                        WHEN count(h) < a.most THEN array_agg(h ORDER BY h) || $2
                        ELSE array_agg(h ORDER BY h) || ARRAY['infinity'::timestamptz] END
            FROM asked a LEFT JOIN unnest(r.hits) AS h ON h > $2 - a.span AND h < 'infinity'
            WHERE a.key = r.key GROUP BY a.most),
    expires_at = excluded.expires_at
RETURNING key, hits[1] AS oldest, cardinality(hits) AS used, hits[cardinality(hits)] = 'infinity' AS refused
"""

_GIVE_BACK = """
UPDATE core_rate_limit SET hits = (
    SELECT coalesce(array_agg(h ORDER BY nth), '{}') FROM unnest(hits) WITH ORDINALITY AS u (h, nth)
    WHERE nth <> (SELECT max(n) FROM unnest(hits) WITH ORDINALITY AS w (k, n) WHERE k < 'infinity'))
WHERE key = $1 AND cardinality(hits) > 0
"""


async def hit(limit: Limit, who: str) -> Standing:
    """Count one hit of `who` (an address, an account id). Raises RateLimited, uncounted, past the limit."""
    return (await hit_all([(limit, who)]))[0]


async def hit_all(hits: Sequence[tuple[Limit, str]]) -> list[Standing]:
    """Count one hit of each of different (limit, who), in one statement.

    Raises RateLimited by the first that is past its limit, which is not counted; the others are.
    """
    now = clock.now()
    keys = [key(limit, who) for limit, who in hits]
    spans = [timedelta(seconds=limit.window_s) for limit, _ in hits]
    rows = {row["key"]: row for row in await db.fetch_all(_HIT, keys, now, spans, [limit.limit for limit, _ in hits])}
    return [_standing(limit, rows[counted], now) for (limit, _), counted in zip(hits, keys, strict=True)]


def _standing(limit: Limit, row: db.Row, now: datetime) -> Standing:
    """Return where the caller stands. Raises RateLimited past the limit."""
    reset_s = max(1, math.ceil((row["oldest"] - now).total_seconds() + limit.window_s))
    if row["refused"]:
        standing = Standing(limit.limit, 0, reset_s)
        raise RateLimited(
            f"At most {limit.limit} such requests in {limit.window_s} s are answered: try again in {reset_s} s.",
            headers={"Retry-After": str(reset_s), **standing.headers()},
        )
    return Standing(limit.limit, limit.limit - row["used"], reset_s)


async def forget(limit: Limit, who: str) -> None:
    """Take back every hit of `who`, e.g. wrong passwords once the right one was given."""
    await db.execute(forgetting("$1"), key(limit, who))


def key(limit: Limit, who: str) -> str:
    """Return what the hits of `who` are counted under."""
    return f"{limit.name}:{who}"


def forgetting(placeholder: str) -> str:
    """Return the statement that takes back every hit of the key in `placeholder`.

    For a `WITH` of a statement that is sent anyway, where a trip of its own would cost too much.
    """
    return f"DELETE FROM core_rate_limit WHERE key = {placeholder}"


async def give_back(limit: Limit, who: str) -> None:
    """Take back the last hit of `who`: what it was counted for turned out well."""
    await db.execute(_GIVE_BACK, key(limit, who))


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
