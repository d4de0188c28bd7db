"""Staff and posts for the blog's tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from feria_core.testing.client import ApiClient

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "xss"
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


@pytest.fixture(scope="session")
def payloads() -> list[str]:
    """Nasty rich text that others have collected; a skip where the folder is not there."""
    files = sorted(CORPUS.glob("dev_*.jsonl"))
    if not files:
        pytest.skip(f"{CORPUS} is not there: the collected payloads are not tried")
    lines = [line for file in files for line in file.read_text("utf-8").strip().split("\n")]
    return [str(orjson.loads(line)["payload"]) for line in lines]
