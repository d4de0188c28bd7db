"""What the fake gateway is told to do wrong, and how it sends its webhooks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec


class On(StrEnum):
    """The act a forced behaviour waits for; `create` with `confirm=true` and a shopper's payment confirm too.

    PayPal asks the shopper's bank when an order is captured, so that is its `confirm`. Only PayPal knows the
    shopper's `approve`, the access `token`, and `verify`, the question whether a webhook is its own.
    """

    CREATE = "create"
    RETRIEVE = "retrieve"
    UPDATE = "update"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    CANCEL = "cancel"
    REFUND = "refund"
    APPROVE = "approve"
    TOKEN = "token"
    VERIFY = "verify"


class Do(StrEnum):
    """What happens then.

    `decline` and `require_action` (3-D Secure) overrule the card. `stall` waits before the act, which happens
    even when the client has given up. `drop_after_effect` acts and closes the connection without an answer.
    `http_500` refuses at the door: no effect, and no idempotency key keeps it.
    """

    DECLINE = "decline"
    REQUIRE_ACTION = "require_action"
    STALL = "stall"
    DROP_AFTER_EFFECT = "drop_after_effect"
    HTTP_500 = "http_500"


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """One forced behaviour for the next `times` acts; `seconds` is how long a stall takes."""

    on: On
    do: Do
    times: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5.0

    def __post_init__(self) -> None:
        if self.do in {Do.DECLINE, Do.REQUIRE_ACTION} and self.on is not On.CONFIRM:
            raise ValueError(f"{self.do} happens on {On.CONFIRM} only, not on {self.on}")


class WebhookMode(msgspec.Struct, forbid_unknown_fields=True):
    """How events reach the shop: how often each, how late, in which order, which ones.

    `reversed` gathers the events of one payment until it has been quiet for a moment, then sends the newest
    first. While not `enabled`, events are kept unsent. `events` are types, or `prefix.*`, or `*`.
    """

    copies: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
    order: Literal["fifo", "reversed"] = "fifo"
    enabled: bool = True
    events: tuple[str, ...] = ("*",)

    def wants(self, event_type: str) -> bool:
        """Return whether the shop subscribed to the type."""
        return any(
            wanted in {"*", event_type} or (wanted.endswith(".*") and event_type.startswith(wanted[:-1]))
            for wanted in self.events
        )


class BehaviourChange(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_fake/behaviour`: rules to add, and a webhook mode that replaces the present one."""

    next: list[Rule] = []
    webhooks: WebhookMode | None = None


class Behaviour:
    """The rules waiting for their act, and the present webhook mode."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.webhooks = WebhookMode()

    def change(self, change: BehaviourChange) -> None:
        """Add the rules behind the waiting ones; set the webhook mode where one is given."""
        self.rules.extend(msgspec.structs.replace(rule) for rule in change.next)
        if change.webhooks is not None:
            self.webhooks = change.webhooks

    def take(self, *acts: On) -> Rule | None:
        """Return the first rule that waits for one of the acts, and count it down."""
        for position, rule in enumerate(self.rules):
            if rule.on in acts:
                rule.times -= 1
                if rule.times == 0:
                    del self.rules[position]
                return rule
        return None

    def reset(self) -> None:
        """Forget all rules and send webhooks plainly again."""
        self.rules.clear()
        self.webhooks = WebhookMode()
