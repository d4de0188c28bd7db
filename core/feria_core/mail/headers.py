"""Headers that a module may add to its mail, as they go out: one line each, never folded, never encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from email.policy import Policy  # half a megabyte of parsers

ALLOWED = frozenset(("Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"))
# RFC 5322, 2.1.1: a line has at most 998 characters.
MAX_LENGTH = 900


class OneLine(str):
    """A header's value that the e-mail package writes as it is.

    Its own folding turns a long address in List-Unsubscribe into encoded words, which no mail client reads.
    """

    __slots__ = ("__dict__",)
    name: str
    defects: tuple[Exception, ...] = ()
    max_count = 1

    def __new__(cls, name: str, value: str) -> Self:
        """Return the value of the header `name`."""
        made = super().__new__(cls, value)
        made.name = name
        return made

    def fold(self, *, policy: Policy) -> str:
        """Return the header's line."""
        return f"{self.name}: {self}{policy.linesep}"


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers. Raises ValueError for one that is not in ALLOWED, or whose value is not a line of ASCII."""
    for name, value in headers.items():
        if name not in ALLOWED:
            raise ValueError(f"a mail may not bring the header '{name}': only {', '.join(sorted(ALLOWED))}")
        if not (value.isascii() and value.isprintable() and 0 < len(value) <= MAX_LENGTH):
            raise ValueError(f"the header '{name}' must be one line of at most {MAX_LENGTH} visible ASCII characters")
    return dict(headers)


def add(message: Any, headers: Mapping[str, str]) -> None:
    """Add the headers to an EmailMessage."""
    for name, value in checked(headers).items():
        message[name] = OneLine(name, value)
