"""A request and its answer, without tasks and timers where there is nothing to wait for.

Quart starts a task that reads the body, one that answers, and one that sends with a timer: for a client that sends
slowly, hangs up or takes its time. Most requests are here as a whole, and most answers are ready bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from quart import Quart, Request, Response
from quart.asgi import ASGIHTTPConnection
from quart.utils import cancel_tasks, encode_headers, raise_task_exceptions
from quart.wrappers.response import DataBody
from werkzeug.exceptions import RequestTimeout

from feria_core.http.incoming import length_of

# As Quart has them; its messages are types of their own.
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

# What comes with the headers, or right behind them; for more the answer may be due before all of it is here.
SMALL_BODY = 64 * 1024


class Exchange(ASGIHTTPConnection):
    """What Quart makes of each request; who hangs up ends the work on his answer only where it is a long one."""

    def __init__(self, app: Quart, scope: Any) -> None:
        super().__init__(app, scope)
        self._receive: Receive | None = None

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Answer; a small body is awaited first, a large one is read while the answer is made."""
        length = _announced(self.scope)
        if length is None or length > SMALL_BODY:
            await super().__call__(receive, send)
            return
        request = self._create_request_from_scope(send)
        if length and not await self._is_read(request, receive):
            return
        request.body.set_complete()
        self._receive = receive
        await self.handle_request(request, send)

    async def _is_read(self, request: Request, receive: Receive) -> bool:
        """Read the body; False where the client hangs up meanwhile. Of one that does not end the route says so."""
        try:
            async with asyncio.timeout(self.app.config["BODY_TIMEOUT"]):
                is_whole = False
                while not is_whole:
                    message = await receive()
                    if message["type"] != "http.request":
                        return False
                    request.body.append(message.get("body", b""))
                    is_whole = not message.get("more_body", False)
        except TimeoutError:
            request.body._must_raise = RequestTimeout()  # noqa: SLF001 - "set by the ASGI methods", says Quart
        return True

    async def _send_response(self, send: Send, response: Any) -> None:
        body = response.response if isinstance(response, Response) else None
        if isinstance(body, DataBody):
            await send(
                {
                    "type": "http.response.start",
                    "status": response.status_code,
                    "headers": encode_headers(response.headers),
                }
            )
            await send({"type": "http.response.body", "body": body.data[body.begin : body.end], "more_body": False})
        elif self._receive is None:
            await super()._send_response(send, response)
        else:
            await self._send_to_whom_listens(self._receive, send, response)

    async def _send_to_whom_listens(self, receive: Receive, send: Send, response: Any) -> None:
        """Send piece by piece until the client hangs up."""
        tasks = [asyncio.ensure_future(super()._send_response(send, response)), asyncio.ensure_future(_gone(receive))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_tasks({task for task in tasks if not task.done()})
        raise_task_exceptions(done)


def _announced(scope: Any) -> int | None:
    """Return how many bytes the body has, or None where nobody can tell yet, or where the client asks first."""
    length = 0 if scope["method"] in {"GET", "HEAD"} else None
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = length_of(value)
        elif name in {b"transfer-encoding", b"expect"}:
            return None
    return length


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
