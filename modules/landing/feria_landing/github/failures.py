"""Why GitHub gave nothing, and when it may be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

# No limit of GitHub's lasts longer than an hour; a header that says so is wrong.
LONGEST_WAIT = timedelta(hours=2)
SHORTEST_WAIT = timedelta(seconds=60)
_STATUS_FORBIDDEN, _STATUS_TOO_MANY = 403, 429


class GithubFailure(Exception):
    """GitHub cannot be read; asked again after a growing time."""


class GithubLimited(GithubFailure):
    """A rate limit was met: not before `until`, or after a growing time from a minute on."""

    def __init__(self, reason: str, until: datetime | None) -> None:
        super().__init__(reason)
        self.until = until


def limited(status: int, headers: Mapping[str, str], text: str, now: datetime) -> GithubLimited | None:
    """Return the limit that an answer tells of, or None for an answer that is none.

    `Retry-After` comes first, then `X-RateLimit-Reset` of an exhausted bucket; a secondary limit without either is
    waited for at least a minute (GitHub's "Best practices for using the REST API").
    """
    if status not in {_STATUS_FORBIDDEN, _STATUS_TOO_MANY}:
        return None
    if (after := headers.get("Retry-After")) is not None:
        seconds = int(after) if after.isascii() and after.isdigit() else 60
        return GithubLimited("a secondary rate limit", _bounded(now + timedelta(seconds=min(seconds, 86_400)), now))
    if headers.get("X-RateLimit-Remaining") == "0":
        return GithubLimited("the rate limit", reset_of(headers, now))
    if status == _STATUS_TOO_MANY or "secondary rate limit" in text.lower():
        return GithubLimited("a secondary rate limit without a time", None)
    return None


def reset_of(headers: Mapping[str, str], now: datetime) -> datetime:
    """Return when the bucket is full again."""
    text = headers.get("X-RateLimit-Reset", "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):  # noqa: PLR2004 - seconds until the year 5138
        return now + SHORTEST_WAIT
    return _bounded(datetime.fromtimestamp(int(text), UTC), now)


def wait_after(failures: int) -> timedelta:
    """Return how long nobody asks after so many failures in a row: 1, 2, 4, ... to 60 minutes.

    This is the circuit breaker: at the end of the time one call tries, and its failure opens it for longer.
    """
    return timedelta(minutes=min(2 ** min(failures - 1, 6), 60))


def _bounded(moment: datetime, now: datetime) -> datetime:
    return min(max(moment, now + timedelta(seconds=1)), now + LONGEST_WAIT)
