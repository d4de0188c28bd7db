"""Fields that follow from the others of a value and are worked out once, since every pricing of a cart asks for them.

Cached properties would need a dictionary in each value, and reading from slots takes a fifth of the time.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any


def derived() -> Any:
    """Return a dataclass field that `derive` sets: not given, compared or shown."""
    return field(init=False, repr=False, compare=False)


def derive(value: object, **facts: object) -> None:
    """Set derived fields; for the `__post_init__` of a frozen dataclass."""
    for name, fact in facts.items():
        object.__setattr__(value, name, fact)
