"""What a person may ask of every module: to see what is stored about them, and to have it erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from feria_core.ports import Port

Json: TypeAlias = "str | int | float | bool | list[Json] | Mapping[str, Json] | None"

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class OwnAddress:
    """An e-mail address that the person has shown to be theirs.

    `forms` are its spellings, their ASCII letters in lower case: compare them with `lower(column COLLATE "C")`, which
    leaves every other letter alone (the database's own `lower` makes look-alikes equal). `until` is None for the
    present address; of an earlier one only what was stored up to `until` is the person's, the address may be
    somebody else's by now.
    """

    email: str
    forms: tuple[str, ...]
    until: datetime | None = None


@dataclass(frozen=True)
class DataSubject:
    """The person who asks.

    `verified_email` is None until the account's owner has shown that the address is theirs: what guests left under
    an unverified address is somebody else's until then, and is neither shown nor erased. `addresses` holds the
    verified one and those before it.
    """

    user_id: UUID
    name: str
    verified_email: str | None
    addresses: tuple[OwnAddress, ...] = ()

    def spellings(self) -> tuple[list[str], list[datetime]]:
        """Return every form and until when it was the person's, for `unnest($1::text[], $2::timestamptz[])`."""
        pairs = [(form, address.until or FOREVER) for address in self.addresses for form in address.forms]
        return [form for form, _ in pairs], [until for _, until in pairs]


class PersonalData(Protocol):
    """Contributed by every module that stores something about a person; `section` is its key in the export.

    Where parts lock rows, they are asked in the declared order: checkout 10, cart 20, orders 30, others 100 (the
    default), users 500, core 1000, which cleans up last what the others have queued.
    """

    section: str

    async def export(self, subject: DataSubject) -> Mapping[str, Json]:
        """Return all that this module stores about the person, as JSON can hold it; an empty mapping for nothing."""
        ...

    async def erase(self, subject: DataSubject) -> None:
        """Delete or make anonymous what this module stores about the person, in the caller's transaction.

        Afterwards no text column of the module's tables holds the person's address, name or phone, but for what the
        module's README lists as kept by law. Erasing again changes nothing; that happens some minutes later, without
        addresses, for what requests under way have still stored under the person's id.
        """
        ...


PERSONAL_DATA: Port[PersonalData] = Port("personal_data", version="1.0")
