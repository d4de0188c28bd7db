"""Not waiting for a provider that is down: after some failures in a row calls are refused for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from feria_core.contracts.payments import ProviderUnavailable

T = TypeVar("T")

log = structlog.get_logger("feria.checkout")


class Breaker:
    """Runs calls to one provider within `deadline_s`, and refuses them while the provider seems down.

    It opens after `failures` ProviderUnavailable in a row; `open_s` seconds later one call is let through as a
    probe, and its result closes or opens it again. Each process has its own, so nothing depends on it but time.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int,
        open_s: float,
        deadline_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.failures = failures
        self.open_s = open_s
        self.deadline_s = deadline_s
        self._now = now
        self._failed = 0
        self._opened_at: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """True while calls are refused or wait for the probe."""
        return self._opened_at is not None

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what `call` returns. Raises ProviderUnavailable past the deadline, while open, and as `call` does."""
        probes = self._admit()
        try:
            async with asyncio.timeout(self.deadline_s):
                result = await call()
        except TimeoutError as error:
            self._fail()
            raise ProviderUnavailable(f"'{self.name}' did not answer within {self.deadline_s} s") from error
        except ProviderUnavailable:
            self._fail()
            raise
        except asyncio.CancelledError:
            raise  # the shopper went away: says nothing about the provider
        except Exception:
            self._succeed()  # a refusal is an answer: the provider is there
            raise
        finally:
            if probes:
                self._is_probing = False
        self._succeed()
        return result

    def _admit(self) -> bool:
        """Return True where this call is the probe. Raises ProviderUnavailable while others must not call."""
        if self._opened_at is None:
            return False
        left_s = self._opened_at + self.open_s - self._now()
        if left_s > 0 or self._is_probing:
            raise ProviderUnavailable(f"'{self.name}' is not asked for {max(left_s, 0):.0f} s more: it seems down")
        self._is_probing = True
        return True

    def _fail(self) -> None:
        self._failed += 1
        if self._failed >= self.failures:
            if self._opened_at is None:
                log.warning("payment.breaker_opened", provider=self.name, failures=self._failed)
            self._opened_at = self._now()

    def _succeed(self) -> None:
        if self._opened_at is not None:
            log.warning("payment.breaker_closed", provider=self.name)
        self._failed = 0
        self._opened_at = None
