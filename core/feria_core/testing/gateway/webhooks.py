"""Signed webhooks: signature (https://docs.stripe.com/webhooks#verify-manually), order, retries."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import aiohttp
import msgspec

from feria_core.testing.gateway.behaviour import WebhookMode

# Stripe tries for days; a developer restarts the shop within minutes. The last wait is ten minutes.
RETRY_DELAYS_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600)
TIMEOUT_S = 10
# How long a payment must be quiet before its events go out in reverse; SDK calls are about 10 ms apart.
QUIET_S = 0.2
# The payments whose webhooks travel at the same time.
_PARALLEL = 16
_KEPT_ATTEMPTS = 10_000


def sign_stripe(payload: bytes, secret: str, *, at: int | None = None) -> str:
    """Return the `Stripe-Signature` header for a raw body, signed at Unix second `at` or now.

    `t=<at>,v1=<hex HMAC-SHA256 of "<at>." and the body>`. Raises ValueError for an empty secret.
    """
    if not secret:
        raise ValueError("a webhook cannot be signed with an empty secret: give one that starts with whsec_")
    at = int(time.time()) if at is None else at
    mac = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Message(msgspec.Struct, frozen=True):
    """One webhook to send.

    `lane` is what keeps an order, e.g. the payment. `render` gives body and headers, afresh for each attempt,
    since signatures carry the time. `on_delivered` runs once the shop took it.
    """

    id: str
    type: str
    lane: str
    url: str
    render: Callable[[], tuple[bytes, dict[str, str]]]
    on_delivered: Callable[[], Coroutine[Any, Any, None]]


class Attempt(msgspec.Struct, frozen=True):
    """One try: `status` is the shop's answer, None where there was none; `at` in Unix seconds."""

    event: str
    type: str
    status: int | None
    at: float


class WebhookSender:
    """Sends messages lane by lane and repeats what got no 2xx; call `start` before, `stop` after.

    Events of one lane keep their order for the first attempt; a repeated one comes later, as with Stripe.
    """

    def __init__(self, mode: Callable[[], WebhookMode], *, retry_delays_s: Sequence[float] = RETRY_DELAYS_S) -> None:
        self.attempts: deque[Attempt] = deque(maxlen=_KEPT_ATTEMPTS)
        self._mode = mode
        self._retry_delays_s = retry_delays_s
        self._lanes: dict[str, deque[tuple[float, Message]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(_PARALLEL)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections to the shop."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))

    async def stop(self) -> None:
        """Drop what is under way and close the connections."""
        await self.drop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def drop(self) -> None:
        """Forget every message that is waiting or under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()

    def push(self, message: Message) -> None:
        """Queue a message behind the others of its lane."""
        due = time.monotonic() + self._mode().delay_s
        lane = self._lanes.setdefault(message.lane, deque())
        lane.append((due, message))
        if len(lane) == 1:
            self._own(self._run_lane(message.lane))

    def push_now(self, message: Message, *, copies: int = 1) -> None:
        """Send a message at once, apart from every order."""
        self._own(self._deliver(message, copies))

    async def settled(self, *, timeout_s: float = 10) -> None:
        """Wait until nothing is waiting, under way or to be repeated. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while self._tasks:
                await asyncio.wait(self._tasks)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_lane(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            due, message = lane[0]
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            mode = self._mode()
            if mode.order == "reversed":
                await self._until_quiet(lane)
                message = lane[-1][1]
            await self._deliver(message, mode.copies)
            # Only now, so that events arriving meanwhile join this lane instead of starting a second one.
            lane.remove(next(item for item in lane if item[1] is message))
        del self._lanes[name]

    @staticmethod
    async def _until_quiet(lane: deque[tuple[float, Message]]) -> None:
        seen = 0
        while seen != len(lane):
            seen = len(lane)
            await asyncio.sleep(QUIET_S)

    async def _deliver(self, message: Message, copies: int) -> None:
        """Send all copies at once, which is how doubles hurt most; repeat later unless all were taken."""
        taken = await asyncio.gather(*(self._post(message) for _ in range(copies)))
        if all(taken):
            await message.on_delivered()
        else:
            self._own(self._repeat(message))

    async def _repeat(self, message: Message) -> None:
        for delay_s in self._retry_delays_s:
            await asyncio.sleep(delay_s)
            if await self._post(message):
                await message.on_delivered()
                return

    async def _post(self, message: Message) -> bool:
        if self._session is None:
            raise RuntimeError("webhooks are sent between start() and stop() only: start the gateway first")
        body, headers = message.render()
        status = None
        try:
            async with (
                self._free,
                self._session.post(message.url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            # The shop is away or slow: the same as a refusal, the attempt is kept with no status.
            pass
        self.attempts.append(Attempt(message.id, message.type, status, time.time()))
        return status is not None and 200 <= status < 300  # noqa: PLR2004 - the 2xx class
