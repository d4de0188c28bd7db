"""Events keep the shape that they were published in: a change that breaks who reads them fails here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest

import feria_core
from feria_core.contracts.events import Event, personal
from feria_core.testing import event_schemas

FILE = Path(feria_core.__path__[0]) / "contracts" / "events.json"


@dataclass(frozen=True)
class Part:
    sku: str


def event(*, version: int = 1, kind: str = "shape.made", **fields: Any) -> type[Event]:
    """Return an event with these fields: a type, or a type and a default."""
    body: dict[str, Any] = {"name": kind, "version": version, "__annotations__": {}}
    for name, value in fields.items():
        body["__annotations__"][name], *default = value if isinstance(value, tuple) else (value,)
        body.update(dict.fromkeys([name], default[0]) if default else {})
    body["__annotations__"] |= {"name": ClassVar[str], "version": ClassVar[int]}
    return dataclass(frozen=True)(type("Made", (Event,), {**body, "__module__": __name__}))


FIRST = {"order_id": UUID, "lines": tuple[Part, ...]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    assert event_schemas.add(tmp_path / "events.json", [event(**FIRST)]) == ["shape.made 1"]
    return tmp_path / "events.json"


def test_every_event_is_as_it_is_recorded() -> None:
    assert event_schemas.problems(FILE, event_schemas.events_of("feria_core.contracts")) == []


def test_what_is_as_it_was_holds(file: Path) -> None:
    assert event_schemas.problems(file, [event(**FIRST)]) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"lines": tuple[Part, ...]}, "the field 'order_id' is gone of version 1"),
        ({"order": UUID, "lines": tuple[Part, ...]}, "the field 'order_id' is gone of version 1"),
        ({**FIRST, "order_id": str}, "the field 'order_id' has become another of version 1"),
        ({**FIRST, "order_id": UUID | None}, "the field 'order_id' has become another of version 1"),
        ({**FIRST, "reason": str}, "the new field 'reason' has no default for the rows of version 1"),
    ],
)
def test_a_change_that_is_no_addition_fails_in_any_version(file: Path, fields: Any, problem: str) -> None:
    for version in (1, 2):
        changed = event(version=version, **fields)
        assert f"shape.made: {problem}" in event_schemas.problems(file, [changed])
        with pytest.raises(ValueError, match="an event of another name"):
            event_schemas.add(file, [changed])


def test_an_addition_is_a_version_of_its_own(file: Path) -> None:
    more = {**FIRST, "reason": (str | None, None)}
    assert event_schemas.problems(file, [event(**more)]) == [
        "shape.made: version 1 has got more: raise `version`, then `make events`"
    ]
    second = event(version=2, **more)
    assert event_schemas.problems(file, [second]) == ["shape.made: version 2 is not recorded: `make events` adds it"]
    assert event_schemas.add(file, [second]) == ["shape.made 2"]
    assert event_schemas.problems(file, [second]) == []
    assert event_schemas.problems(file, [event(**FIRST)]) != []  # back again: rows of version 2 may wait


def test_a_dataclass_inside_belongs_to_the_shape(file: Path) -> None:
    @dataclass(frozen=True)
    class Part:
        sku: str
        weight_g: int

    found = event_schemas.problems(file, [event(order_id=UUID, lines=tuple[Part, ...])])
    assert found == ["shape.made: the new field 'Part.weight_g' has no default for the rows of version 1"]


def test_personal_data_stays_marked(file: Path) -> None:
    @dataclass(frozen=True)
    class Written(Event):
        name: ClassVar[str] = "shape.written"
        email: str = field(metadata=personal())

    event_schemas.add(file, [Written])
    bare = event(kind="shape.written", email=str)
    assert "shape.written: the field 'email' has become another of version 1" in event_schemas.problems(file, [bare])


def test_an_event_that_is_gone_is_told(file: Path) -> None:
    assert event_schemas.problems(file, []) == ["shape.made: it is recorded, and gone: readers still wait for it"]
