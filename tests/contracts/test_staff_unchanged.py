"""An act of staff that leaves everything as it was is answered as before, and leaves no audit row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import pytest_asyncio
from furnished_shop import Furnished, Request, acts_of
from hostile_wire import JSON
from kept_tables import Kept

from feria_core import db
from feria_core.ids import new_id

# When something was touched last is no change of it; a raised version is one, since others' edits are refused by it.
CLOCK = "updated_at"
# Known to change nothing the second time, so that what is walked is not nothing.
QUIET = {
    "PATCH /api/admin/roles/<role_id>", "PATCH /api/admin/staff/<account_id>", "PATCH /api/admin/webhooks/<webhook_id>",
    "PATCH /api/admin/customers/<customer_id>", "DELETE /api/admin/blog/posts/<key>/previews",
    "PUT /api/admin/tax/exemptions/<customer_id>", "PUT /api/admin/testimonials/order",
}  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What became of a request, which audit rows are under its id, and which tables it has changed."""

    status: int
    actions: list[str]
    changed: set[str]


class Twice:
    """Does each act, and then the same again."""

    def __init__(self, shop: Any, gateway: Any) -> None:
        self.furnished = Furnished(shop, gateway)
        self.routes = acts_of(shop)
        self.kept = Kept()

    async def again(self, route: Any) -> tuple[Done, Done]:
        """Return what both became; the database is afterwards as it was."""
        request = self.furnished.request(route)
        both = await self._send(request), await self._send(request)
        await self.kept.put_back(await self.kept.changed())
        return both

    async def _send(self, request: Request) -> Done:
        """Send it under an id and a key of its own."""
        own = {"Idempotency-Key": new_id().hex, "X-Request-Id": new_id().hex}
        named = {name.lower().encode(): value.encode() for name, value in {**request.headers, **own}.items()}
        body = request.body if isinstance(request.body, bytes | None) else orjson.dumps(request.body)
        await db.execute("DELETE FROM core_rate_limit")
        before = await self.kept.digests(but=CLOCK)
        heard = await self.furnished.shop.wire.send(
            request.method, request.path, headers={**dict(JSON), **named}.items(), body=body or b""
        )
        after = await self.kept.digests(but=CLOCK)
        rows = await db.fetch_all("SELECT action FROM core_audit WHERE request_id = $1", own["X-Request-Id"])
        changed = {name for name in after if after[name] != before[name]}
        return Done(heard.status, [row["action"] for row in rows], changed)


@pytest_asyncio.fixture(loop_scope="session")
async def twice(shop, gateway) -> AsyncIterator[Twice]:
    walking = Twice(shop, gateway)
    try:
        await walking.furnished.furnish()
        await walking.kept.keep()
        yield walking
    finally:
        await walking.kept.forget()
        await gateway.reset()


@pytest.mark.timeout(1200)
async def test_what_changes_nothing_leaves_no_audit_row(twice: Twice) -> None:
    wrong, quiet = [], set()
    for route in twice.routes:
        first, second = await twice.again(route)
        assert first.status < 300, (str(route), first)
        if second.status < 300 and not second.changed:
            quiet.add(str(route))
            wrong += [f"{route}: {second}"] if second.actions or second.status != first.status else []
    assert not wrong, "\n".join(wrong)
    assert quiet >= QUIET
