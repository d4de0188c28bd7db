"""The fake's state: what there is to read, the buckets of the rate limits, what was asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from feria_core import clock
from feria_core.testing.github.behaviour import Do, Rule
from feria_core.testing.github.payloads import OWNER, demo_issues, demo_repositories

# GitHub's own numbers: calls in an hour, searches in a minute, without and with a token.
LIMITS = {"core": (60, 5000, timedelta(hours=1)), "search": (10, 30, timedelta(minutes=1))}
DEFAULT_PER_PAGE, MAX_PER_PAGE = 30, 100


@dataclass(frozen=True)
class Call:
    """A call that came in: the path with its query, the ETag and the token that were sent, the status answered."""

    path: str
    etag: str | None
    token: str | None
    status: int


@dataclass
class _Bucket:
    used: int = 0
    reset: float = 0.0


@dataclass
class FakeGitHub:
    """GitHub with the repositories of one owner. `calls` are those that came in, also those answered with an error."""

    owner: str = OWNER
    repositories: list[dict[str, Any]] = field(default_factory=demo_repositories)
    issues: list[dict[str, Any]] = field(default_factory=demo_issues)
    members: list[str] = field(default_factory=lambda: ["ada-demo"])
    is_limited: bool = False
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    buckets: dict[str, _Bucket] = field(default_factory=dict)

    def behave(self, do: Do | str, **details: Any) -> None:
        """Do something else in place of the next answers; details are those of `Rule`."""
        self.rules.append(Rule(Do(do), **details))

    def reset(self) -> None:
        """Forget what was forced, counted and asked, and have the demo's data again."""
        self.repositories, self.issues, self.members = demo_repositories(), demo_issues(), ["ada-demo"]
        self.is_limited = False
        self.calls.clear()
        self.rules.clear()
        self.buckets.clear()

    def next_rule(self) -> Rule | None:
        """Return what is forced for this call, used up by it."""
        if not self.rules:
            return None
        rule = self.rules[0]
        rule.times -= 1
        if rule.times <= 0:
            del self.rules[0]
        return rule

    def count(self, resource: str, *, has_token: bool) -> tuple[dict[str, str], bool]:
        """Count a call; return the headers of its bucket, and whether it may be answered."""
        without, with_token, period = LIMITS[resource]
        limit = with_token if has_token else without
        bucket, now = self.buckets.setdefault(resource, _Bucket()), clock.now().timestamp()
        if bucket.reset <= now:
            bucket.used, bucket.reset = 0, now + period.total_seconds()
        is_allowed = not self.is_limited or bucket.used < limit
        bucket.used += is_allowed
        remaining = max(limit - bucket.used, 0) if self.is_limited else limit - 1
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(int(bucket.reset) + 1),
            "X-RateLimit-Resource": resource,
        }
        return headers, is_allowed

    def found(self, query: str) -> list[dict[str, Any]]:
        """Return the issues by the authors, and of the kind, that a search names."""
        authors = set(re.findall(r"author:(\S+)", query))
        chosen = [each for each in self.issues if not authors or each["user"]["login"] in authors]
        return sorted(chosen, key=lambda each: str(each["created_at"]), reverse=True)


def paged(items: list[Any], query: Mapping[str, str], address: str) -> tuple[list[Any], str | None]:
    """Return one page and the Link header to the others, None where there are none."""
    per_page = min(max(_number(query.get("per_page"), DEFAULT_PER_PAGE), 1), MAX_PER_PAGE)
    page, last = max(_number(query.get("page"), 1), 1), max(-(-len(items) // per_page), 1)
    rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "page")

    def link(number: int, name: str) -> str:
        return f'<{address}?{rest}{"&" if rest else ""}page={number}>; rel="{name}"'

    links = [link(page - 1, "prev"), link(1, "first")] if page > 1 else []
    if page < last:
        links = [link(page + 1, "next"), link(last, "last"), *links]
    return items[(page - 1) * per_page : page * per_page], ", ".join(links) or None


def etag_of(body: Any) -> str:
    """Return the entity tag of a body."""
    return f'"{hashlib.sha256(orjson.dumps(body)).hexdigest()}"'


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 7 else default  # noqa: PLR2004
