"""Every act of staff is one audit row in the transaction of its change; the process may die before or after any commit.

The routes are found in the application: a new one is walked by itself, and fails here until it is audited. Where no
valid body can be made from its models, `furnished_shop` says what to send.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from furnished_shop import Furnished, Request, acts_of
from kept_tables import Kept

from feria_core import audit_log, db
from feria_core.runtime import core_settings
from feria_core.testing.crashing import Nursery, Outcome

# What only tells what would be, with the reason.
CHANGES_NOTHING = {"POST /api/admin/promotions/preview": "prices a cart as it would be, and stores nothing"}
# What is written ahead of a file, so that it is swept away again where nothing comes to show it: no change yet.
AHEAD = {"catalog_media_file"}
# The walk that takes longest is done in so many pieces, each over other routes.
PARTS = 8


@pytest.fixture(scope="module")
def nursery(app, plugins_file, database_url, server_urls, module_environment) -> Iterator[Nursery]:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": server_urls[1],
        "FERIA_CORE__LOG_LEVEL": "error",
        "FERIA_CORE__POOL_SIZE": "2",
        "FERIA_CORE__MEDIA_DIR": str(core_settings().media_dir),
        **module_environment,
    }
    with Nursery(plugins_file, environment) as running:
        yield running


@dataclass(frozen=True)
class Seen:
    """What became of a request, which audit rows are under its id, and which tables it has changed."""

    outcome: Outcome
    actions: list[str]
    changed: set[str]

    @property
    def is_one_with_its_row(self) -> bool:
        """True where both are there, the change and one row, or neither."""
        if not self.actions:
            return self.changed <= AHEAD
        return len(self.actions) == 1 and bool(self.changed)

    def __str__(self) -> str:
        answer = self.outcome.body[:200] if self.outcome.status >= 400 else b""
        return f"{self.outcome.status} {self.actions} {sorted(self.changed)} {answer!r}"


class Walk:
    """Asks in processes that die; the database is afterwards as it was before each."""

    def __init__(self, shop: Any, gateway: Any, nursery: Nursery) -> None:
        self.furnished = Furnished(shop, gateway)
        self.routes = acts_of(shop)
        self.problems: list[str] = []
        self._kept = Kept()
        self._nursery = nursery

    async def begin(self) -> None:
        await self.furnished.furnish()
        await self._kept.keep()

    async def end(self) -> None:
        await self._kept.forget()

    async def ask(self, request: Request, **kill: Any) -> Seen:
        """Send the request to a process that dies where `kill` says, at the latest when it has answered."""
        await db.execute("DELETE FROM core_rate_limit")
        outcome = await self._nursery.request(
            request.method, request.path, request.body, request.headers, kill_after=True, **kill
        )
        assert outcome.was_killed
        rows = await db.fetch_all("SELECT action, actor_kind FROM core_audit WHERE request_id = $1", request.id)
        assert {row["actor_kind"] for row in rows} <= {"staff"}
        changed = await self._kept.changed()
        await self._kept.put_back(changed)
        return Seen(outcome, [row["action"] for row in rows], changed)

    def judge(self, what: object, seen: Seen, *, is_right: bool) -> None:
        if not is_right:
            self.problems.append(f"{what}: {seen}")

    async def assert_none(self) -> None:
        assert not self.problems, f"{len(self.problems)} problems:\n" + "\n".join(self.problems)
        assert not (await audit_log.verify()).breaks


@pytest_asyncio.fixture(loop_scope="session")
async def walk(shop, gateway, nursery) -> AsyncIterator[Walk]:
    walking = Walk(shop, gateway, nursery)
    try:
        await walking.begin()
        yield walking
    finally:
        await walking.end()
        await gateway.reset()


async def succeed(walk: Walk, route: Any) -> Outcome:
    """Let the act be done by a process that dies as soon as it has answered."""
    seen = await walk.ask(walk.furnished.request(route))
    rows = 0 if str(route) in CHANGES_NOTHING else 1
    is_right = seen.outcome.status < 300 and seen.is_one_with_its_row and len(seen.actions) == rows
    walk.judge(route, seen, is_right=is_right and "refused" not in seen.actions)
    return seen.outcome


async def die_before_commits(walk: Walk, route: Any, commits: int) -> None:
    """Let processes die on the way to the act, each before another of its commits."""
    for number in range(1, commits + 1):
        seen = await walk.ask(walk.furnished.request(route), kill_before_commit=number)
        is_right = seen.is_one_with_its_row and not seen.outcome.status
        walk.judge(f"{route}, dead before commit {number}", seen, is_right=is_right)


async def die_anywhere(walk: Walk, route: Any) -> None:
    """Let processes die before ever later statements, until one gets to its answer."""
    for point in itertools.count(1):
        seen = await walk.ask(walk.furnished.request(route), kill_before=point)
        walk.judge(f"{route}, dead before statement {point}", seen, is_right=seen.is_one_with_its_row)
        if seen.outcome.status:
            return


@pytest.mark.timeout(1200)
async def test_every_act_and_its_audit_row_are_one_commit(walk: Walk) -> None:
    assert len(walk.routes) > 130
    assert {str(route) for route in walk.routes} >= CHANGES_NOTHING.keys()
    for route in walk.routes:
        done = await succeed(walk, route)
        await die_before_commits(walk, route, done.commits)
    await walk.assert_none()


@pytest.mark.timeout(1200)
async def test_every_refusal_is_one_row_and_changes_nothing(walk: Walk) -> None:
    for route in walk.routes:
        seen = await walk.ask(walk.furnished.refused(route))
        is_right = 400 <= seen.outcome.status < 500 and seen.actions == ["refused"] and not seen.changed
        walk.judge(route, seen, is_right=is_right)
    await walk.assert_none()


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
async def test_every_act_dies_before_each_of_its_statements(walk: Walk, part: int) -> None:
    for route in walk.routes[part::PARTS]:
        await succeed(walk, route)
        if str(route) not in CHANGES_NOTHING:
            await die_anywhere(walk, route)
    await walk.assert_none()
