"""Amounts as PayPal writes them (https://developer.paypal.com/reference/currency-codes/)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from feria_core.money import exponent
from feria_core.testing.gateway.paypal.errors import BadRequest, PayPalError

NO_DECIMALS = {"HUF", "JPY", "TWD"}
_TWO_DECIMALS = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN RUB SEK SGD THB USD"
SUPPORTED = NO_DECIMALS | set(_TWO_DECIMALS.split())


def read(value: Any, *, field: str) -> tuple[int, str]:
    """Return minor units and the currency in small letters. Raises PayPalError as PayPal refuses."""
    currency, text = (value.get("currency_code"), value.get("value")) if isinstance(value, dict) else (None, None)
    if not isinstance(currency, str) or not isinstance(text, str):
        raise BadRequest("MISSING_REQUIRED_PARAMETER", "A required field / parameter is missing.", field=field)
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]+)?", text):
        raise BadRequest("INVALID_PARAMETER_SYNTAX", "The value of a field does not conform.", field=f"{field}/value")
    if currency not in SUPPORTED:
        raise PayPalError("CURRENCY_NOT_SUPPORTED", "Currency code is not currently supported.", field=field)
    if len(text.partition(".")[2]) > (0 if currency in NO_DECIMALS else 2):
        raise PayPalError("DECIMAL_PRECISION", "If the currency supports decimals, only two are allowed.", field=field)
    amount = int(Decimal(text).scaleb(exponent(currency)))
    if amount <= 0:
        raise PayPalError("CANNOT_BE_ZERO_OR_NEGATIVE", "Must be greater than zero.", field=f"{field}/value")
    return amount, currency.lower()


def write(amount: int, currency: str) -> dict[str, str]:
    """Return the amount as PayPal writes it."""
    code = currency.upper()
    value = Decimal(amount).scaleb(-exponent(code))
    return {"currency_code": code, "value": f"{value:.{0 if code in NO_DECIMALS else 2}f}"}
