"""The base of every event that modules announce to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Something that has happened, told in ids and plain values.

    Subclasses are frozen dataclasses with a `name` such as "orders.placed" and a `version`. A field with
    `metadata={"personal": True}` holds personal data: it is masked in logs and erased with its person.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1


def personal() -> dict[str, Any]:
    """Return the field metadata that marks personal data: `field(metadata=personal())`."""
    return {"personal": True}
