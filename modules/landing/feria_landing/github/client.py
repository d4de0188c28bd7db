"""Asking GitHub: one address, no redirects, a bounded answer within a bounded time."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feria_core import clock
from feria_core.runtime import settings
from feria_landing.github.failures import GithubFailure, GithubLimited, limited, reset_of
from feria_landing.settings import LandingSettings

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

OK, NOT_MODIFIED, NOT_FOUND = 200, 304, 404
CHUNK = 64 * 1024
_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="next"')


@dataclass(frozen=True)
class Answer:
    """A page of GitHub's; `body` is None where it is the one that was known. `is_last_call`: the bucket is empty."""

    body: bytes | None
    etag: str | None
    next_url: str | None
    is_last_call: bool


class Github:
    """GitHub's API within one refresh."""

    def __init__(self, session: ClientSession, chosen: LandingSettings) -> None:
        self._session = session
        self._chosen = chosen
        self._exhausted: GithubLimited | None = None

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return self._chosen.github_api_url + path

    async def get(self, url: str, *, etag: str | None = None) -> Answer:
        """Return the page. Raises GithubLimited, GithubFailure."""
        import aiohttp

        if self._exhausted is not None:
            raise self._exhausted
        if not url.startswith(self._chosen.github_api_url + "/"):
            raise GithubFailure("a page leads to another address, which is not followed")
        headers = {"If-None-Match": etag} if etag else {}
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                return await self._read(response)
        except TimeoutError as error:
            raise GithubFailure(f"no answer within {self._chosen.github_timeout_s:g} s") from error
        except aiohttp.ClientError as error:
            raise GithubFailure(f"the connection failed: {type(error).__name__}") from error

    async def _read(self, response: ClientResponse) -> Answer:
        if response.status == NOT_MODIFIED:
            return self._answer(response, None)
        body = await self._body(response)
        if limit := limited(response.status, response.headers, body[:2000].decode("utf-8", "replace"), clock.now()):
            raise limit
        if response.status != OK:
            raise GithubFailure(_reason(response.status))
        return self._answer(response, body)

    def _answer(self, response: ClientResponse, body: bytes | None) -> Answer:
        following = _NEXT.search(response.headers.get("Link", ""))
        is_last_call = response.headers.get("X-RateLimit-Remaining") == "0"
        if is_last_call:
            # Asking once more would only be refused.
            self._exhausted = GithubLimited("the rate limit", reset_of(response.headers, clock.now()))
        return Answer(body, response.headers.get("ETag"), following[1] if following else None, is_last_call)

    async def _body(self, response: ClientResponse) -> bytes:
        """Return the body. Raises GithubFailure past the bound, before all of it was read."""
        read = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            read += chunk
            if len(read) > self._chosen.github_max_bytes:
                raise GithubFailure(f"the answer is larger than {self._chosen.github_max_bytes} bytes")
        return bytes(read)


@asynccontextmanager
async def github() -> AsyncIterator[Github]:
    """Give a client for one refresh."""
    import aiohttp

    chosen = settings(LandingSettings)
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "feria-landing",
    }
    if chosen.github_token is not None:
        headers["Authorization"] = f"Bearer {chosen.github_token.get_secret_value()}"
    timeout = aiohttp.ClientTimeout(total=chosen.github_timeout_s)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Github(session, chosen)


def _reason(status: int) -> str:
    if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects
        return f"{status}: it has moved, which is not followed: correct github_organisation or github_user"
    if status == 401:  # noqa: PLR2004 - unauthorized
        return "401: the token is not valid any more: set FERIA_LANDING__GITHUB_TOKEN anew"
    if status == NOT_FOUND:
        return "404: there is no such organisation or user: correct github_organisation or github_user"
    return f"GitHub answered {status}"
