"""Staff and posts for the blog's tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from feria_core.testing.client import ApiClient

WritePost = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def staff(client: ApiClient) -> ApiClient:
    """A client that asks as staff who write the blog, and sell."""
    return client.as_staff("blog.write", "catalog.write", "catalog.read")


@pytest.fixture
def write_post(staff: ApiClient) -> WritePost:
    """Write a published post: `await write_post("Spring news", body="...", tags=["news"])`."""

    async def write(title: str = "Spring news", **wished: Any) -> dict[str, Any]:
        body = {"title": title, "body": "Some **text**.", "format": "markdown", "status": "published", **wished}
        reply = await staff.post("/api/admin/blog/posts", body)
        assert reply.status == 201, reply.body
        written: dict[str, Any] = reply.json
        return written

    return write
