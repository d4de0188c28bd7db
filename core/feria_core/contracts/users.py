"""What other modules may ask of, and hear from, users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol
from uuid import UUID

from feria_core.contracts.events import Event, personal
from feria_core.ports import Port


@dataclass(frozen=True)
class Person:
    """The little that other modules may know of a customer; `group` is the code of the customer group, or None."""

    id: UUID
    email: str
    name: str
    locale: str
    is_email_verified: bool
    group: str | None = None


class People(Protocol):
    async def person(self, user_id: UUID) -> Person | None:
        """Return the person, or None for an unknown or erased account."""
        ...


PEOPLE: Port[People] = Port("people", version="1.0")


class SignInHook(Protocol):
    """Contributed by modules that do something when a guest signs in (the cart moves over)."""

    async def signed_in(self, user_id: UUID, cart_token: str | None) -> None:
        """Called after the credentials were checked, outside any transaction; an error never breaks the login."""
        ...


SIGN_IN_HOOKS: Port[SignInHook] = Port("sign_in_hooks", version="1.0")


@dataclass(frozen=True)
class AddressProblem:
    """What a postal address lacks: the field, the broken rule (`address_required`, ...), and a sentence."""

    field: str
    code: str
    message: str


@dataclass(frozen=True)
class CheckedAddress:
    """The address with region and postal code as its country writes them; it holds where there are no problems."""

    address: Mapping[str, str | None]
    problems: tuple[AddressProblem, ...] = ()


class AddressRules(Protocol):
    async def check(self, address: Mapping[str, str | None], *, locale: str = "en") -> CheckedAddress:
        """Return the postal address (the members of the API's Address) by the rules of its country.

        Sentences of problems come in `locale`. Never raises: an unknown country is a problem too.
        """
        ...


ADDRESS_RULES: Port[AddressRules] = Port("address_rules", version="1.0")


@dataclass(frozen=True)
class EmailVerified(Event):
    """The owner of the account has shown that the address is his.

    `email_normalized` is the form that accounts are compared by (lower case, domain in ASCII); empty in events from
    before 0.2, and in those of a person who was erased meanwhile.
    """

    name: ClassVar[str] = "users.email_verified"

    user_id: UUID
    email: str = field(metadata=personal())
    email_normalized: str = field(default="", metadata=personal())
