"""Walking every staff route of an application: who lacks its permission is turned away, whatever else he holds."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from feria_core.http.blueprint import Endpoint, endpoint_of
from feria_core.runtime import current
from feria_core.testing.client import ApiClient, Reply

ADMIN = "/api/admin"
NOBODY = str(UUID(int=0))
_VARIABLE = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class StaffRoute:
    """A route that staff alone may call, or one below /api/admin that says something else."""

    method: str
    rule: str
    declared: Endpoint | None

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions of which it demands one, none where it demands none."""
        access = self.declared.access if self.declared else None
        return access.permissions if access and access.kind == "staff" else ()

    @property
    def path(self) -> str:
        """A path that leads to it, about nothing that there is."""
        return _VARIABLE.sub(NOBODY, self.rule)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def staff_routes(client: ApiClient) -> list[StaffRoute]:
    """Return the staff's routes of all modules of the application."""
    app, found = client.app, []
    for rule in app.url_map.iter_rules():
        declared = endpoint_of(app.view_functions[rule.endpoint])
        is_staff = declared is not None and declared.access.kind == "staff"
        if is_staff or rule.rule == ADMIN or rule.rule.startswith(f"{ADMIN}/"):
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            found += [StaffRoute(method, rule.rule, declared) for method in methods]
    return found


async def unguarded(client: ApiClient) -> list[str]:
    """Return a sentence for each staff route that lets in whom it should not, or keeps out who may."""
    return [sentence async for sentence in _walk(client)]


async def _walk(client: ApiClient) -> AsyncIterator[str]:
    declared = {right.name for module in current().modules for right in module.manifest.permissions}
    for route in staff_routes(client):
        if not route.permissions:
            yield f"{route} demands no permission: declare it with access=staff(...)"
            continue
        for permission in route.permissions:
            if permission not in declared:
                yield f"{route} demands '{permission}', which no enabled module declares"
        others = declared.difference(route.permissions)
        callers = {
            "anonymous": (client, 401),
            "a customer": (client.as_customer(), 403),
            "staff without any permission": (client.as_staff(), 403),
            "staff with every other permission": (client.as_staff(*others), 403),
            "an API key without any permission": (client.as_api_key(), 403),
            "an API key with every other permission": (client.as_api_key(*others), 403),
        }
        for name, (caller, expected) in callers.items():
            status = (await _call(caller, route)).status
            if status != expected:
                yield f"{route} answers {name} {status}, not {expected}"
        for permission in route.permissions:
            for name, caller in (("staff", client.as_staff(permission)), ("an API key", client.as_api_key(permission))):
                reply = await _call(caller, route)
                # What it says then is its own: that there is no such thing, that this is for people alone.
                lacks = reply.code == "forbidden" and f"'{permission}'" in reply.json["detail"]
                if reply.status == 401 or reply.status >= 500 or lacks:  # noqa: PLR2004
                    yield f"{route} answers {name} with '{permission}' {reply.status}"


async def _call(caller: ApiClient, route: StaffRoute) -> Reply:
    sent: dict[str, object] | None = None if route.method in ("GET", "DELETE") else {}
    return await caller.call(route.method, route.path, json=sent, headers={"Idempotency-Key": uuid4().hex})
