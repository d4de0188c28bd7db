"""PayPal's access token: fetched once for everybody who waits for it, kept until shortly before its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from feria_core.contracts.payments import ProviderUnavailable

# A token that ends while a call with it is under way would be refused: PayPal's live for nine hours.
_EARLY_S = 60
_MAX_LIFE_S = 24 * 3600


@dataclass(frozen=True)
class Token:
    """What is sent as Bearer, and when it is too old by this process' clock."""

    value: str = field(repr=False)
    ends_at: float


class TokenCache:
    """The present token of one account, in this process only."""

    def __init__(
        self, fetch: Callable[[], Awaitable[dict[str, Any]]], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._token: Token | None = None
        self._flight: asyncio.Lock | None = None

    async def get(self) -> Token:
        """Return a token that lives for a while yet. Raises ProviderUnavailable where none is given."""
        if (token := self._living()) is not None:
            return token
        if self._flight is None:
            self._flight = asyncio.Lock()
        async with self._flight:
            if (token := self._living()) is None:
                asked_at = self._now()
                token = self._token = _token(await self._fetch(), asked_at)
            return token

    def forget(self, token: Token) -> None:
        """Drop a token that was refused, unless another one came meanwhile."""
        if self._token is token:
            self._token = None

    def _living(self) -> Token | None:
        return self._token if self._token is not None and self._now() < self._token.ends_at else None


def _token(answer: dict[str, Any], asked_at: float) -> Token:
    value, life_s = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not isinstance(life_s, int):
        raise ProviderUnavailable("paypal answered without a usable access token")
    life_s = min(life_s, _MAX_LIFE_S)
    # Half of a very short life rather than none: else each call would fetch its own.
    return Token(value, asked_at + max(life_s - _EARLY_S, life_s / 2))
