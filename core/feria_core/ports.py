"""Typed keys by which one module asks another, and the registry that holds the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class PortError(Exception):
    """A port was asked or offered in a way that cannot work; the sentence says which and by whom."""


@dataclass(frozen=True)
class Port(Generic[T]):
    """The key of one question, e.g. `CATALOG: Port[Catalog] = Port("catalog", version="1.0")`.

    The protocol `T` is what the provider promises. Versions follow semver: a provider of 1.3 answers
    an asker of 1.1, a provider of 2.0 does not.
    """

    name: str
    version: str


@dataclass(frozen=True)
class _Offer:
    port: Port[object]
    answer: object
    module: str
    order: int


class Registry:
    """What the enabled modules offer each other; filled while the application starts, then only read."""

    def __init__(self) -> None:
        self._offers: dict[str, list[_Offer]] = {}

    def provide(self, port: Port[T], answer: T, *, module: str) -> None:
        """Make `answer` the one answer of `port`. Raises PortError where another module answers already."""
        taken = self._offers.get(port.name)
        if taken:
            raise PortError(
                f"port '{port.name}' is provided by '{taken[0].module}' and by '{module}': switch one of them off"
            )
        self._add(port, answer, module, 0)

    def contribute(self, port: Port[T], answer: T, *, module: str, order: int = 100) -> None:
        """Add one of many answers to `port`; `all()` returns them by ascending `order`, then module name."""
        self._add(port, answer, module, order)

    def get(self, port: Port[T]) -> T:
        """Return the provider of a hard need. Raises PortError where nobody provides it."""
        answer = self.find(port)
        if answer is None:
            raise PortError(f"nobody provides the port '{port.name}': enable a module that does")
        return answer

    def find(self, port: Port[T]) -> T | None:
        """Return the provider of a soft need, or None where the module that would be it is off."""
        offers = self._offers.get(port.name)
        return cast("T", offers[0].answer) if offers else None

    def all(self, port: Port[T]) -> tuple[T, ...]:
        """Return every contribution to `port`, in the declared order."""
        return tuple(cast("T", offer.answer) for offer in self._offers.get(port.name, ()))

    def providers(self) -> dict[str, list[str]]:
        """Return module names by port name, for `feria modules`."""
        return {name: [offer.module for offer in offers] for name, offers in sorted(self._offers.items())}

    def _add(self, port: Port[T], answer: T, module: str, order: int) -> None:
        offers = self._offers.setdefault(port.name, [])
        for other in offers:
            if _major(other.port) != _major(cast("Port[object]", port)):
                raise PortError(
                    f"'{module}' speaks version {port.version} of the port '{port.name}', "
                    f"'{other.module}' speaks {other.port.version}: install matching versions of both"
                )
        offers.append(_Offer(cast("Port[object]", port), answer, module, order))
        offers.sort(key=lambda offer: (offer.order, offer.module))


def _major(port: Port[object]) -> str:
    return port.version.partition(".")[0]
