"""A client for tests: JSON in, JSON out, with a caller's credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from quart import Quart

from feria_core.testing.callers import credential

STAFF_ID = UUID(int=1)


@dataclass(frozen=True)
class Reply:
    """An answer: status, headers by lower-case name, raw body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)

    @property
    def code(self) -> str | None:
        """The code of a problem, or None for an answer that is none."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return str(self.json["code"]) if is_problem else None


class ApiClient:
    """Calls an application in process; `headers` go with every call."""

    def __init__(self, app: Quart, headers: dict[str, str] | None = None) -> None:
        self.app = app
        self.headers = headers or {}

    def with_headers(self, **headers: str) -> ApiClient:
        """Return a client that also sends `headers`; `cart_token="..."` becomes `Cart-Token`."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        return ApiClient(self.app, {**self.headers, **named})

    def signed_in(self, access_token: str) -> ApiClient:
        """Return a client that asks as the owner of `access_token`."""
        return ApiClient(self.app, {**self.headers, "Authorization": f"Bearer {access_token}"})

    def as_customer(self, customer_id: UUID | None = None) -> ApiClient:
        """Return a client that asks as a customer, some new one unless told."""
        return self.signed_in(credential("customer", customer_id or uuid4()))

    def as_staff(self, *permissions: str, staff_id: UUID | None = None) -> ApiClient:
        """Return a client that asks as staff who hold these permissions."""
        return self.signed_in(credential("staff", staff_id or STAFF_ID, *permissions))

    def as_api_key(self, *permissions: str) -> ApiClient:
        """Return a client that asks with an API key of these permissions."""
        return self.signed_in(credential("api_key", STAFF_ID, *permissions))

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.call("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Reply:
        return await self.call("POST", path, json=json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> Reply:
        return await self.call("PUT", path, json=json, **options)

    async def patch(self, path: str, json: Any = None, **options: Any) -> Reply:
        return await self.call("PATCH", path, json=json, **options)

    async def delete(self, path: str, **options: Any) -> Reply:
        return await self.call("DELETE", path, **options)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Reply:
        """Send one request; `json` is encoded, `data` is sent as it is."""
        sent = {**self.headers, **(headers or {})}
        body = data
        if json is not None:
            body = orjson.dumps(json)
            sent.setdefault("Content-Type", "application/json")
        test_client: Any = self.app.test_client()
        response = await test_client.open(path, method=method, headers=sent, data=body)
        received = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, received, await response.get_data(as_text=False))
