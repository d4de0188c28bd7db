"""Idempotency keys as https://docs.stripe.com/api/idempotent_requests has them."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from feria_core.testing.gateway.errors import IdempotencyInUse, IdempotencyMismatch, InvalidParam

MAX_KEY_CHARS = 255
# Stripe may forget a key after 24 hours.
KEPT_S = 24 * 3600


class Answer(msgspec.Struct):
    """What the first request with a key was and what it was answered."""

    path: str
    params: str
    status: int
    body: str
    at: float


class IdempotencyKeys:
    """The answers kept under keys, and the keys at work right now."""

    def __init__(self, kept: dict[str, Answer] | None = None, *, now: Callable[[], float] = time.time) -> None:
        self.kept = kept if kept is not None else {}
        self._now = now
        self._at_work: set[str] = set()

    def begin(self, key: str, *, path: str, params: str) -> Answer | None:
        """Return the kept answer to the same request, or None after taking the key for this one.

        Raises IdempotencyMismatch for another request under the key, IdempotencyInUse during the first.
        """
        if len(key) > MAX_KEY_CHARS:
            raise InvalidParam(f"Idempotency keys have at most {MAX_KEY_CHARS} characters")
        self._forget_old()
        answer = self.kept.get(key)
        if answer is not None:
            _check_same(key, answer, path=path, params=params)
            return answer
        if key in self._at_work:
            raise IdempotencyInUse(
                "There is currently another in-progress request using this idempotent key (that probably "
                f"means you submitted twice, and the other request is still going through): {key}. Please "
                "try again later.",
                code="idempotency_key_in_use",
            )
        self._at_work.add(key)
        return None

    def keep(self, key: str, *, path: str, params: str, status: int, body: str) -> None:
        """Remember the answer for every later request with the key."""
        self.kept[key] = Answer(path, params, status, body, self._now())

    def end(self, key: str) -> None:
        """Let go of a key that `begin` took."""
        self._at_work.discard(key)

    def _forget_old(self) -> None:
        # Kept in the order of arrival, so the old ones are in front.
        oldest = self._now() - KEPT_S
        while self.kept:
            key, answer = next(iter(self.kept.items()))
            if answer.at > oldest:
                return
            del self.kept[key]


def _check_same(key: str, answer: Answer, *, path: str, params: str) -> None:
    if answer.path != path:
        what = f"for the same endpoint they were first used for ('{answer.path}' vs '{path}')"
    elif answer.params != params:
        what = "with the same parameters they were first used with"
    else:
        return
    raise IdempotencyMismatch(
        f"Keys for idempotent requests can only be used {what}. Try using a key other than '{key}' if "
        "you meant to execute a different request."
    )
