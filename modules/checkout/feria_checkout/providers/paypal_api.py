"""Calls to PayPal's REST API: token, tries, timeouts, refusals. No SDK: the official one is not async."""

from __future__ import annotations

import asyncio
import base64
import importlib
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from feria_checkout.providers.breaker import Breaker
from feria_checkout.providers.paypal_token import TokenCache
from feria_core.contracts.payments import PaymentDeclined, ProviderUnavailable

if TYPE_CHECKING:
    import aiohttp

# One try and two more, each within `timeout_s`; the breaker's deadline bounds all of them.
_WAITS_S = (0.1, 0.3)
_UNAUTHORIZED, _FORBIDDEN, _CONFLICT, _TOO_MANY, _SERVER = 401, 403, 409, 429, 500

log = structlog.get_logger("feria.checkout")

_SENTENCES = {
    "INSTRUMENT_DECLINED": "PayPal declined the way to pay that was chosen there.",
    "TRANSACTION_REFUSED": "PayPal refused the payment.",
    "PAYER_ACTION_REQUIRED": "PayPal asks for something more before this can be paid.",
    "ORDER_NOT_APPROVED": "The payment has not been approved at PayPal.",
    "CURRENCY_NOT_SUPPORTED": "PayPal does not take this currency: choose another way to pay.",
    "DUPLICATE_INVOICE_ID": "This payment was made at PayPal before.",
    "REFUND_AMOUNT_EXCEEDED": "More was asked back than was paid.",
}


class PayPalRefusal(PaymentDeclined):
    """PayPal answered and refused: `status` is HTTP's, `issue` its word for why."""

    def __init__(self, status: int, issue: str) -> None:
        super().__init__(_SENTENCES.get(issue, "PayPal refused the payment."))
        self.status = status
        self.issue = issue


class PayPalApi:
    """One account at `base_url`; opens its connections at the first call, `close` closes them."""

    def __init__(self, *, client_id: str, client_secret: str, base_url: str, timeout_s: float) -> None:
        self.base_url = base_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._timeout_s = timeout_s
        self._tokens = TokenCache(self._new_token)
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self, breaker: Breaker, method: str, path: str, body: Any = None, *, request_id: str | None = None
    ) -> dict[str, Any]:
        """Return the JSON object that PayPal answers; `body` is JSON in bytes, or what becomes it.

        A repetition under the same `request_id` acts once. Raises PayPalRefusal, and ProviderUnavailable for silence.
        """
        if self._session is None:
            # A fifth of a second of processor time, once: not on the loop of everybody else.
            await asyncio.to_thread(importlib.import_module, "aiohttp")
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        headers = {"Prefer": "return=representation"}
        if data is not None or method == "POST":
            headers["Content-Type"] = "application/json"
        if request_id is not None:
            headers["PayPal-Request-Id"] = request_id
        return await breaker.run(lambda: self._authorised(method, path, data, headers))

    async def close(self) -> None:
        """Close the connections, if any were opened; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _authorised(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        """Call with the token; one that is taken back before its time is replaced once."""
        for is_last in (False, True):
            token = await self._tokens.get()
            sent = {**headers, "Authorization": f"Bearer {token.value}"}
            try:
                return await self._tried(method, path, data, sent)
            except PayPalRefusal as refusal:
                if refusal.status != _UNAUTHORIZED:
                    raise
                self._tokens.forget(token)
                if is_last:
                    raise ProviderUnavailable("paypal does not accept the token that it has just given") from refusal
        raise AssertionError("unreachable")

    async def _new_token(self) -> dict[str, Any]:
        credentials = base64.b64encode(f"{self._client_id}:{self._client_secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {credentials}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            return await self._tried("POST", "/v1/oauth2/token", b"grant_type=client_credentials", headers)
        except PayPalRefusal as refusal:
            raise ProviderUnavailable(
                f"paypal refuses the client id or its secret ({refusal.status} {refusal.issue})"
            ) from refusal

    async def _tried(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        """Call until there is an answer; silence, haste and faults of PayPal's are worth another try."""
        import aiohttp

        for wait_s in (*_WAITS_S, None):
            try:
                status, answer = await self._once(method, path, data, headers)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if wait_s is None:
                    raise ProviderUnavailable(f"paypal: {type(error).__name__}") from error
            else:
                if status not in {_CONFLICT, _TOO_MANY} and status < _SERVER:
                    return _answered(status, answer)
                if wait_s is None:
                    raise ProviderUnavailable(f"paypal answers {status} {_issue(answer)}")
            await asyncio.sleep(wait_s)
        raise AssertionError("unreachable")

    async def _once(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        async with self._open().request(
            method, self.base_url + path, data=data, headers=headers, allow_redirects=False
        ) as response:
            return response.status, await response.read()

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_s))
        return self._session


def _answered(status: int, answer: bytes) -> dict[str, Any]:
    if status // 100 == 4:  # noqa: PLR2004 - the class of refusals
        issue = _issue(answer)
        log.info("payment.refused", provider="paypal", status=status, issue=issue)
        if status == _FORBIDDEN:
            raise ProviderUnavailable(f"paypal does not allow this account to do that: {issue}")
        raise PayPalRefusal(status, issue)
    value = _object(answer)
    if status // 100 != 2 or value is None:  # noqa: PLR2004 - the class of successes
        raise ProviderUnavailable(f"paypal answers {status} with something else than a JSON object")
    return value


def _issue(answer: bytes) -> str:
    """Return PayPal's word for what is wrong: the first detail's, else that of the whole."""
    problem = _object(answer) or {}
    details = problem.get("details")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    for word in (first.get("issue"), problem.get("name"), problem.get("error")):
        if isinstance(word, str) and word.isascii():
            return word[:100]
    return "UNKNOWN"


def _object(answer: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
