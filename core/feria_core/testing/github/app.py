"""The fake as a server: its routes on one address, in this event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import msgspec
import orjson
from aiohttp import web

from feria_core import clock
from feria_core.testing.github.behaviour import Do, Rule
from feria_core.testing.github.service import Call, FakeGitHub, etag_of, paged

# A stalled answer must not keep the server from stopping.
_SHUTDOWN_S = 0.5
_DOCS = "https://docs.github.com/rest"
_LIMIT_TEXT = "API rate limit exceeded for 203.0.113.5."
_SECONDARY_TEXT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
_CHUNK = b" " * 65_536


def build_app(github: FakeGitHub) -> web.Application:
    """Return the application with every route of the fake."""
    app = web.Application()
    door = _Door(github)
    app.add_routes([
        web.get("/orgs/{owner}/repos", door.repositories),
        web.get("/users/{owner}/repos", door.repositories),
        web.get("/orgs/{owner}/public_members", door.members),
        web.get("/search/issues", door.search),
        web.post("/_fake/behaviour", door.behave),
    ])  # fmt: skip
    return app


@asynccontextmanager
async def serving(github: FakeGitHub, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[FakeGitHub]:
    """Serve the fake inside the block; port 0 takes a free one. Raises OSError where the port is taken."""
    runner = web.AppRunner(build_app(github), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        github.url = f"http://{host}:{runner.addresses[0][1]}"
        yield github
    finally:
        await runner.cleanup()


@asynccontextmanager
async def fake_github() -> AsyncIterator[FakeGitHub]:
    """Serve a fresh fake in the running event loop, on a free port of 127.0.0.1."""
    async with serving(FakeGitHub()) as github:
        yield github


class _Door:
    """The handlers; each call is noted with the status that it got."""

    def __init__(self, github: FakeGitHub) -> None:
        self._github = github

    async def repositories(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "core", lambda: self._github.repositories)

    async def members(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "core", lambda: [{"login": login} for login in self._github.members])

    async def search(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "search", lambda: self._github.found(request.query.get("q", "")))

    async def behave(self, request: web.Request) -> web.StreamResponse:
        """Take a list of rules, for processes that cannot call `behave`; an empty one forgets what was forced."""
        try:
            rules = msgspec.json.decode(await request.read(), type=list[Rule])
        except msgspec.DecodeError as err:
            return web.json_response({"error": f"/_fake/behaviour cannot read the body: {err}"}, status=400)
        self._github.rules[:] = rules
        return web.json_response({"calls": len(self._github.calls)})

    async def _answer(
        self, request: web.Request, resource: str, items: Callable[[], list[Any]]
    ) -> web.StreamResponse:  # fmt: skip
        rule = self._github.next_rule()
        if rule is not None and rule.do is Do.STALL:
            self._note(request, 0)
            await asyncio.sleep(rule.seconds)
        elif rule is not None and rule.do is not Do.CUT_SHORT:
            return await self._forced(request, rule)
        headers, is_allowed = self._github.count(resource, has_token="Authorization" in request.headers)
        if not is_allowed:
            return self._noted(request, _json({"message": _LIMIT_TEXT, "documentation_url": _DOCS}, 403, headers))
        owner = request.match_info.get("owner", self._github.owner)
        if owner.lower() != self._github.owner.lower():
            return self._noted(request, _json({"message": "Not Found", "documentation_url": _DOCS}, 404, headers))
        return self._noted(request, self._page(request, resource, items(), headers, is_cut=rule is not None))

    def _page(
        self, request: web.Request, resource: str, items: list[Any], headers: dict[str, str], *, is_cut: bool
    ) -> web.Response:
        query = {name: quote(value, safe="") for name, value in request.query.items()}
        shown, link = paged(items, query, f"{self._github.url}{request.path}")
        if link:
            headers["Link"] = link
        if resource == "search":
            # The search knows no ETag.
            body = {"total_count": len(items), "incomplete_results": is_cut, "items": shown}
            return _json(body, 200, headers | {"Cache-Control": "no-cache"})
        headers["ETag"] = etag_of(shown)
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return _json(shown, 200, headers)

    async def _forced(self, request: web.Request, rule: Rule) -> web.StreamResponse:
        self._note(request, _status(rule))
        if rule.do is Do.DROP:
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        if rule.do is Do.HUGE:
            return await _huge(request, rule.size)
        return _forced_answer(rule)

    def _noted(self, request: web.Request, response: web.Response) -> web.Response:
        self._note(request, response.status)
        return response

    def _note(self, request: web.Request, status: int) -> None:
        headers = request.headers
        self._github.calls.append(
            Call(request.path_qs, headers.get("If-None-Match"), headers.get("Authorization"), status)
        )


def _status(rule: Rule) -> int:
    usual = {Do.STATUS: 500, Do.PRIMARY_LIMIT: 403, Do.SECONDARY_LIMIT: 429, Do.BARE_LIMIT: 429, Do.REDIRECT: 301}
    return rule.code or usual.get(rule.do, 0 if rule.do is Do.DROP else 200)


def _forced_answer(rule: Rule) -> web.Response:
    if rule.do is Do.BROKEN_JSON:
        return web.Response(body=b'[{"id": 1, "name": "half', content_type="application/json")
    status = _status(rule)
    if rule.do is Do.STATUS and status == 502:  # noqa: PLR2004 - GitHub's own is a page
        return web.Response(text="<html><body>Server Error</body></html>", status=status, content_type="text/html")
    body, headers = _said(rule)
    return _json(body, status, headers)


def _said(rule: Rule) -> tuple[Any, dict[str, str]]:
    """Return body and headers of a forced answer."""
    if rule.do is Do.PRIMARY_LIMIT:
        reset = str(int(clock.now().timestamp() + rule.seconds))
        headers = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        return {"message": _LIMIT_TEXT, "documentation_url": _DOCS}, headers
    if rule.do in {Do.SECONDARY_LIMIT, Do.BARE_LIMIT}:
        headers = {"Retry-After": str(int(rule.seconds))} if rule.do is Do.SECONDARY_LIMIT else {}
        return {"message": _SECONDARY_TEXT, "documentation_url": _DOCS}, headers
    if rule.do is Do.REDIRECT:
        return {"message": "Moved Permanently"}, {"Location": rule.location}
    return ({"hello": ["world"]} if rule.do is Do.WRONG_SHAPE else {"message": "Server Error"}), {}


async def _huge(request: web.Request, size: int) -> web.StreamResponse:
    """Send so many bytes, as long as somebody reads them."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    sent = 0
    while sent < size:
        await response.write(_CHUNK)
        sent += len(_CHUNK)
    return response


def _json(body: Any, status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/json")
