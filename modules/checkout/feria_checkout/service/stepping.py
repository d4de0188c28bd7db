"""The steps that other modules add to a checkout, and the rules by which users' module judges addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.settings import CheckoutSettings
from feria_core.contracts.cart import CartSnapshot
from feria_core.contracts.checkout import CHECKOUT_STEPS, CheckoutView
from feria_core.contracts.privacy import Json
from feria_core.contracts.users import ADDRESS_RULES
from feria_core.errors import Invalid
from feria_core.http.request import locale
from feria_core.runtime import registry, settings

MAX_STEP_BYTES = 8192


async def checked(given: Mapping[str, Json], checkout_id: UUID) -> dict[str, Json]:
    """Return what the shopper has given for steps, as their modules keep it. Raises Invalid for an unknown step."""
    known = {step.name: step for step in registry().all(CHECKOUT_STEPS)}
    kept: dict[str, Json] = {}
    for name, value in given.items():
        if name not in known:
            choice = ", ".join(known) or "there is none"
            raise Invalid.field(
                "body", "steps", name, code="unknown_step", message=f"There is no such step: choose one of {choice}."
            )
        kept[name] = None if value is None else await known[name].check(value, checkout_id)
        if len(orjson.dumps(kept[name])) > MAX_STEP_BYTES:
            raise Invalid.field(
                "body", "steps", name, code="too_long", message=f"At most {MAX_STEP_BYTES} bytes are kept for a step."
            )
    return kept


def merged(steps: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """Return the steps with the changes; null removes."""
    return {name: value for name, value in {**steps, **changes}.items() if value is not None}


async def missing(checkout: CheckoutRow, cart: CartSnapshot) -> tuple[str, ...]:
    """Return what the steps still need."""
    steps = registry().all(CHECKOUT_STEPS)
    if not steps:
        return ()
    seen = CheckoutView(
        id=checkout.id,
        customer_id=checkout.customer_id,
        cart=cart,
        email=checkout.email,
        shipping_address=checkout.shipping_address,
        shipping_method=checkout.shipping_method,
        locale=checkout.locale,
    )
    needs: list[str] = []
    for step in steps:
        needs += await step.missing(checkout.steps.get(step.name), seen)
    return tuple(needs)


async def placed(checkout: CheckoutRow, order_id: UUID) -> None:
    """Let each step act on the order, in the transaction that places it."""
    for step in registry().all(CHECKOUT_STEPS):
        await step.placed(checkout.steps.get(step.name), checkout_id=checkout.id, order_id=order_id)


async def normal_address(address: dict[str, Any] | None, field: str) -> dict[str, Any] | None:
    """Return the address with region and postal code as its country writes them.

    Raises Invalid for what the rules of its country refuse, where they are asked (`address_rules`).
    """
    rules = registry().find(ADDRESS_RULES)
    wanted = settings(CheckoutSettings).address_rules
    if address is None or rules is None or wanted == "off":
        return address
    found = await rules.check(address, locale=locale())
    if found.problems and wanted == "refuse":
        errors = [
            {"loc": ["body", field, problem.field], "code": problem.code, "message": problem.message}
            for problem in found.problems
        ]
        raise Invalid("; ".join(problem.message for problem in found.problems), errors)
    return {**address, **found.address}
