"""Refreshing the copy: by a worker, once at a time, never more often than GitHub allows."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
import structlog

from feria_core import cache, clock, db
from feria_core.ids import new_id
from feria_core.runtime import settings
from feria_landing.github import parsing, repository
from feria_landing.github.client import Github, github
from feria_landing.github.failures import GithubFailure, GithubLimited, wait_after
from feria_landing.settings import LandingSettings

log = structlog.get_logger("feria.landing.github")

WITHIN_S = 240
PER_PAGE = 100
# A copy is renewed a little before it counts as stale, so that nobody sees a stale one while GitHub answers.
MARGIN = timedelta(minutes=5)
# GitHub searches for 10 in a minute, with a token 30: one refresh stays below, or it would never come to its end.
SEARCHES, SEARCHES_WITH_TOKEN = 8, 25
# More would make the search's expression too long.
PEOPLE_AT_ONCE = 5


@dataclass
class Copy:
    """What was read: all items, and the pages that can be asked for conditionally."""

    items: list[dict[str, Any]] = field(default_factory=list)
    pages: list[tuple[str, str | None, str | None, list[dict[str, Any]]]] = field(default_factory=list)
    has_new_pages: bool = False


def tag(name: str) -> str:
    """Return the tag of a feed's cached answers."""
    return f"landing-{name}"


def configured(name: str) -> bool:
    """Return whether a deployment has said whose projects or contributions these are."""
    chosen = settings(LandingSettings)
    whose = bool(chosen.github_organisation or chosen.github_user)
    return whose or (name == "contributions" and bool(chosen.github_people))


async def refresh_due() -> None:
    """Refresh each feed that is due."""
    for name in repository.FEEDS:
        if configured(name):
            await refresh(name)


async def refresh(name: str) -> None:
    """Refresh one feed if it is due and nobody else does; a failure keeps the last good copy."""
    now, claim_id = clock.now(), new_id()
    margin = min(MARGIN, settings(LandingSettings).github_cache / 10)
    failures = await repository.claim(name, claim_id, now, now - settings(LandingSettings).github_cache + margin)
    if failures is None:
        return
    try:
        async with asyncio.timeout(WITHIN_S), github() as client:
            copy = await READERS[name](client)
    except (GithubFailure, TimeoutError) as error:
        failures += 1
        until = error.until if isinstance(error, GithubLimited) else None
        reason = str(error) or f"not read within {WITHIN_S} s"
        log.warning("landing.github_failed", feed=name, failures=failures, reason=reason)
        await repository.give_up(
            name, claim_id, failures=failures, not_before=until or clock.now() + wait_after(failures), reason=reason
        )
        return
    await _store(name, claim_id, copy)


async def _store(name: str, claim_id: Any, copy: Copy) -> None:
    """Make the copy the one that is read; where nothing is new only its age changes."""
    items = sorted({item["id"]: item for item in copy.items}.values(), key=lambda item: item["id"])
    digest = hashlib.sha256(orjson.dumps(items, option=orjson.OPT_SORT_KEYS)).digest()
    async with db.transaction():
        before = await repository.finish(name, claim_id, clock.now(), digest)
        if before is None:
            return
        if before["digest"] != digest:
            await repository.rewrite(name, items, clock.now())
        if copy.has_new_pages:
            await repository.write_pages(name, copy.pages)
        cache.touch(tag(name))


async def _read_projects(client: Github) -> Copy:
    chosen = settings(LandingSettings)
    known = await repository.pages("projects")
    owner = f"/orgs/{chosen.github_organisation}" if chosen.github_organisation else f"/users/{chosen.github_user}"
    url: str | None = client.url(f"{owner}/repos?per_page={PER_PAGE}&sort=full_name")
    copy = Copy()
    while url is not None and len(copy.pages) < chosen.github_max_pages:
        url = await _read_page(client, url, known.get(url), copy)
    return copy


async def _read_page(client: Github, url: str, known: Mapping[str, Any] | None, copy: Copy) -> str | None:
    """Add one page to the copy; return the next one's address."""
    answer = await client.get(url, etag=known["etag"] if known else None)
    if answer.body is None:
        if known is None:
            raise GithubFailure("GitHub answered 304 to what it was not asked")
        items, following = orjson.loads(known["items"]), known["next_url"]
        copy.pages.append((url, known["etag"], following, items))
    else:
        # As JSON has it, so that a page compares with one that was kept.
        items, following = orjson.loads(orjson.dumps(parsing.projects(answer.body))), answer.next_url
        copy.pages.append((url, answer.etag, following, items))
        copy.has_new_pages = True
    copy.items += items
    next_url: str | None = following
    return next_url


async def _read_contributions(client: Github) -> Copy:
    chosen = settings(LandingSettings)
    people = list(chosen.github_people) or await _people(client, chosen)
    budget = SEARCHES_WITH_TOKEN if chosen.github_token else SEARCHES
    groups = [people[at : at + PEOPLE_AT_ONCE] for at in range(0, len(people), PEOPLE_AT_ONCE)][:budget]
    copy = Copy()
    for group in groups:
        expression = quote(" ".join([*(f"author:{login}" for login in group), "is:public"]))
        url: str | None = client.url(f"/search/issues?q={expression}&sort=created&order=desc&per_page={PER_PAGE}")
        for _ in range(max(1, min(budget // len(groups), chosen.github_max_pages))):
            if url is None:
                break
            answer = await client.get(url)
            copy.items += parsing.contributions(answer.body or b"")
            url = answer.next_url
    return copy


async def _people(client: Github, chosen: LandingSettings) -> list[str]:
    """Return whose contributions count: the organisation's public members, or the user."""
    if chosen.github_organisation is None:
        return [chosen.github_user] if chosen.github_user else []
    answer = await client.get(client.url(f"/orgs/{chosen.github_organisation}/public_members?per_page={PER_PAGE}"))
    return sorted(parsing.members(answer.body or b""))


READERS: dict[str, Callable[[Github], Awaitable[Copy]]] = {
    "projects": _read_projects,
    "contributions": _read_contributions,
}
