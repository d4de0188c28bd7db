"""Whether a postal address is one that its country's post takes, and what is wrong with it else."""

from __future__ import annotations

from collections.abc import Mapping

from feria_core.contracts.users import AddressProblem, CheckedAddress
from feria_users.countries import Country, country
from feria_users.country_texts import field_label, sentence

Address = Mapping[str, str | None]


class CountryRules:
    """The port `address_rules`."""

    async def check(self, address: Address, *, locale: str = "en") -> CheckedAddress:
        return await check(address, locale=locale)


async def check(address: Address, *, locale: str) -> CheckedAddress:
    """Return the address, its region and postal code as the country writes them, with every problem.

    A region is found by its key or its name. What the country does not use (a region in Germany) stays as it was
    typed: it is somebody's idea of where they live. Upper case is left to whoever prints the label.
    """
    rules = await country(address.get("country") or "")
    if rules is None:
        message = sentence("address_country", locale)
        return CheckedAddress(address, (AddressProblem("country", "address_country", message),))
    normalised = dict(address)
    problems = [
        _problem(rules, name, "address_required", locale) for name in rules.fields
        if name in rules.required and not address.get(name)
    ]  # fmt: skip
    problems += _check_region(rules, normalised, locale)
    problems += _check_postal_code(rules, normalised, locale)
    return CheckedAddress(normalised, tuple(problems))


def _check_region(rules: Country, address: dict[str, str | None], locale: str) -> list[AddressProblem]:
    given = address.get("region")
    if not given or not rules.regions:
        return []
    key = rules.region(given)
    if key is None:
        return [_problem(rules, "region", "address_region", locale)]
    address["region"] = key
    return []


def _check_postal_code(rules: Country, address: dict[str, str | None], locale: str) -> list[AddressProblem]:
    given = address.get("postal_code")
    if not given or rules.postal_code is None:
        return []
    code = given.upper()
    if not rules.postal_code.fullmatch(code):
        return [_problem(rules, "postal_code", "address_postal_code", locale)]
    address["postal_code"] = code
    begins = rules.postal_codes_of.get(address.get("region") or "")
    if begins is not None and not begins.match(code):
        return [_problem(rules, "postal_code", "address_postal_code_region", locale)]
    return []


def _problem(rules: Country, name: str, code: str, locale: str) -> AddressProblem:
    label = field_label(rules, name, locale)
    examples = ", ".join(rules.postal_code_examples[:2])
    return AddressProblem(name, code, sentence(code, locale).format(field=label, examples=examples))
