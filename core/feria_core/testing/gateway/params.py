"""Form bodies with brackets, as Stripe's SDKs send them: `metadata[order]=7`, `expand[0]=latest_charge`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeAlias
from urllib.parse import parse_qsl

from feria_core.testing.gateway.errors import InvalidParam

Form: TypeAlias = dict[str, "str | Form"]

# Stripe's amounts have at most eight digits (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
MAX_AMOUNT = 99_999_999
# https://docs.stripe.com/metadata
_METADATA_KEYS, _METADATA_KEY_CHARS, _METADATA_VALUE_CHARS = 50, 40, 500
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def parse_form(body: str) -> Form:
    """Return the nested values of a form; lists become mappings from position to value."""
    form: Form = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        match = _NAME.fullmatch(name)
        if match is None:
            raise InvalidParam(f"Invalid parameter name: {name}", param=name)
        _put(form, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value)
    return form


def _put(form: Form, path: list[str], value: str) -> None:
    for part in path[:-1]:
        inner = form.setdefault(part or str(len(form)), {})
        if not isinstance(inner, dict):
            raise InvalidParam(f"Invalid object: {part} is given twice", param=path[0])
        form = inner
    form[path[-1] or str(len(form))] = value


class Params:
    """The parameters of one request; every reader raises InvalidParam naming the parameter."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def only(self, allowed: Collection[str]) -> None:
        """Refuse parameters that the call does not take, as Stripe does."""
        for name in self.form:
            if name not in allowed:
                raise InvalidParam(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)

    def text(self, name: str) -> str | None:
        """Return the value, or None where it is missing or empty."""
        value = self.form.get(name)
        if isinstance(value, dict):
            raise InvalidParam("Invalid string", param=name)
        return value or None

    def required(self, name: str) -> str:
        """Return the value of a parameter that must be there."""
        value = self.text(name)
        if value is None:
            raise InvalidParam(f"Missing required param: {name}.", code="parameter_missing", param=name)
        return value

    def amount(self, name: str, *, minimum: int = 1) -> int | None:
        """Return minor units, or None where the parameter is missing."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise InvalidParam(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        if int(value) < minimum:
            raise InvalidParam(
                f"This value must be greater than or equal to {minimum}.",
                code="parameter_invalid_integer",
                param=name,
            )
        if int(value) > MAX_AMOUNT:
            raise InvalidParam("Amount must be no more than 99999999", code="amount_too_large", param=name)
        return int(value)

    def required_amount(self, name: str) -> int:
        """Return minor units that must be there."""
        self.required(name)
        return self.amount(name) or 0

    def required_currency(self, name: str) -> str:
        """Return a lower-case currency that must be there."""
        self.required(name)
        return self.currency(name) or ""

    def currency(self, name: str = "currency") -> str | None:
        """Return a lower-case currency, or None where the parameter is missing."""
        value = self.text(name)
        if value is not None and not re.fullmatch(r"[A-Za-z]{3}", value):
            raise InvalidParam(f"Invalid currency: {value}.", param=name)
        return value.lower() if value else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.text(name)
        if value not in {None, "true", "false"}:
            raise InvalidParam(f"Invalid boolean: {value}", param=name)
        return default if value is None else value == "true"

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """Return one of the allowed words, or None where the parameter is missing."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise InvalidParam(f"Invalid {name}: must be one of {', '.join(sorted(allowed))}", param=name)
        return value

    def inner(self, name: str) -> Params:
        """Return the parameters nested under `name`; none where it is missing."""
        value = self.form.get(name, {})
        if not isinstance(value, dict):
            raise InvalidParam("Invalid object", param=name)
        return Params(value)

    def metadata(self, before: dict[str, str] | None = None) -> dict[str, str]:
        """Return `before` with the sent pairs merged in; an empty value takes its key away."""
        merged = dict(before or {})
        for key, value in self.inner("metadata").form.items():
            if not isinstance(value, str) or len(value) > _METADATA_VALUE_CHARS or len(key) > _METADATA_KEY_CHARS:
                raise InvalidParam(
                    "Metadata keys have at most 40 characters, values at most 500", param=f"metadata[{key}]"
                )
            merged[key] = value
        merged = {key: value for key, value in merged.items() if value}
        if len(merged) > _METADATA_KEYS:
            raise InvalidParam("Metadata has at most 50 keys", param="metadata")
        return merged

    def expands(self, member: str) -> bool:
        """Return whether the answer shall hold the object instead of its id."""
        return member in self.inner("expand").form.values()
