"""The fake gateway itself: ledger, keys, behaviour and webhooks in one place."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from feria_core.testing.gateway import wire
from feria_core.testing.gateway.behaviour import Behaviour, BehaviourChange, Do, On, Rule, WebhookMode
from feria_core.testing.gateway.cards import Outcome
from feria_core.testing.gateway.errors import ServerFault
from feria_core.testing.gateway.idempotency import IdempotencyKeys
from feria_core.testing.gateway.paypal.service import FakePayPal
from feria_core.testing.gateway.records import Event, Intent, LedgerState, LedgerView
from feria_core.testing.gateway.sessions import Sessions
from feria_core.testing.gateway.state import Ledger
from feria_core.testing.gateway.store import Saved, Store, load
from feria_core.testing.gateway.webhooks import RETRY_DELAYS_S, Message, WebhookSender, sign_stripe

_FORCED = {Do.DECLINE: Outcome.DECLINED, Do.REQUIRE_ACTION: Outcome.ACTION_REQUIRED}


class FakeGateway:
    """One running fake gateway; `url` is where Stripe's SDK finds it, and PayPal's API: `paypal` is that half.

    Start it with `fake_gateway()` in tests. `webhook_url` may change at any time; None keeps events unsent.
    """

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        webhook_url: str | None = None,
        paypal_webhook_url: str | None = None,
        state_file: Path | None = None,
        retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
    ) -> None:
        if not secret_key or not webhook_secret:
            raise ValueError("the fake gateway needs a secret key and a webhook secret: give both")
        self.secret_key = secret_key
        self.publishable_key = f"pk_test_{secrets.token_hex(12)}"
        self.webhook_secret = webhook_secret
        self.webhook_url = webhook_url
        self.behaviour = Behaviour()
        self.sender = WebhookSender(lambda: self.behaviour.webhooks, retry_delays_s=retry_delays_s)
        saved = load(state_file)
        self.books = Ledger(saved.ledger, emit=self._emit)
        self.sessions = Sessions(self.books)
        self.paypal = FakePayPal(self, webhook_url=paypal_webhook_url)
        self.keys = IdempotencyKeys(saved.answers)
        self.store = Store(state_file, lambda: Saved(self.books.state, self.keys.kept))

    @property
    def url(self) -> str:
        """Where the gateway listens, e.g. `http://127.0.0.1:4711`; empty before it does."""
        return self.books.base_url

    async def start(self, url: str) -> None:
        """Answer as `url` from now on, and send what an earlier run could not deliver."""
        self.books.base_url = url
        await self.sender.start()
        for event in self.events():
            if not event.delivered:
                self._emit(event)

    async def stop(self) -> None:
        """Stop sending; what was not delivered stays in the state file."""
        await self.sender.stop()
        await self.store.save()

    def ledger(self) -> LedgerView:
        """Return every payment's totals and every booking."""
        return self.books.view()

    def events(self, *types: str) -> list[Event]:
        """Return the events so far, oldest first; of the given types where some are given."""
        return [event for event in self.books.state.events.values() if not types or event.type in types]

    def behave(self, *rules: Rule, webhooks: WebhookMode | None = None) -> None:
        """Force the rules on the next acts they name; set how webhooks are sent."""
        self.behaviour.change(BehaviourChange(next=list(rules), webhooks=webhooks))

    async def reset(self) -> None:
        """Forget payments, keys, rules and undelivered webhooks."""
        await self.sender.drop()
        self.sender.attempts.clear()
        self.behaviour.reset()
        self.books.state = LedgerState()
        self.keys.kept.clear()
        await self.store.save()

    async def pay(
        self, intent_id: str, *, payment_method: str = "pm_card_visa", return_url: str | None = None
    ) -> Intent:
        """Confirm the payment as its shopper; forced behaviours on `confirm` apply.

        Returns the payment, `succeeded`, `requires_capture` or `requires_action`. Raises CardDeclined, and
        another GatewayError where the payment does not exist or cannot be confirmed.
        """
        rule = self.behaviour.take(On.CONFIRM)
        await self.hold(rule)
        intent = self.books.intent(intent_id)
        try:
            self.books.confirm(intent, method=payment_method, return_url=return_url, forced=forced_outcome(rule))
        finally:
            await self.store.save()
        return intent

    async def authenticate(self, intent_id: str, *, succeeds: bool = True) -> Intent:
        """Finish 3-D Secure as the shopper. Raises GatewayError unless the payment asks for it."""
        intent = self.books.intent(intent_id)
        self.books.authenticate(intent, succeeds=succeeds)
        await self.store.save()
        return intent

    async def pay_session(self, session_id: str, *, payment_method: str = "pm_card_visa") -> Intent:
        """Pay a Checkout Session on its hosted page; raises as `pay`."""
        rule = self.behaviour.take(On.CONFIRM)
        await self.hold(rule)
        session = self.sessions.find(session_id)
        try:
            return self.sessions.pay(session, method=payment_method, forced=forced_outcome(rule))
        finally:
            await self.store.save()

    async def lose_refund(self, refund_id: str, *, reason: str = "expired_or_canceled_card") -> None:
        """Let a refund fail after it was given. Raises GatewayError for an unknown one."""
        self.books.lose_refund(self.books.refund(refund_id), reason=reason)
        await self.store.save()

    def resend(self, event_ids: Sequence[str], *, copies: int = 1) -> None:
        """Send the events again, at once. Raises KeyError for an unknown id, ValueError without a URL."""
        events = [self.books.state.events[event_id] for event_id in event_ids]
        for event in events:
            self.sender.push_now(self._message(event), copies=copies)

    async def webhooks_settled(self, *, timeout_s: float = 10) -> None:
        """Wait until every webhook was taken or given up. Raises TimeoutError."""
        await self.sender.settled(timeout_s=timeout_s)

    async def hold(self, rule: Rule | None) -> None:
        """Do what a rule wants done before the act: stall, or raise ServerFault."""
        if rule is None:
            return
        if rule.do is Do.STALL:
            await asyncio.sleep(rule.seconds)
        elif rule.do is Do.HTTP_500:
            raise ServerFault("An unknown error occurred: the fake gateway was told to fail.")

    def _emit(self, event: Event) -> None:
        mode = self.behaviour.webhooks
        if self._webhook_url(event) and mode.enabled and mode.wants(event.type):
            self.sender.push(self._message(event))

    def _message(self, event: Event) -> Message:
        url = self._webhook_url(event)
        if not url:
            raise ValueError("no webhook can be sent: set the gateway's webhook_url")

        def render() -> tuple[bytes, dict[str, str]]:
            if event.provider == "paypal":
                return self.paypal.render(event)
            body = msgspec.json.encode(wire.event_object(event))
            return body, {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": sign_stripe(body, self.webhook_secret),
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            }

        async def delivered() -> None:
            event.delivered = True
            await self.store.save()

        return Message(event.id, event.type, event.payment_intent, url, render, delivered)

    def _webhook_url(self, event: Event) -> str | None:
        return self.paypal.webhook_url if event.provider == "paypal" else self.webhook_url


def forced_outcome(rule: Rule | None) -> Outcome | None:
    """Return what the rule makes the card answer, or None where the card decides."""
    return _FORCED.get(rule.do) if rule else None
