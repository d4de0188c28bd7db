"""What a handler can come to: which errors it may raise and which headers it names, read from its own code.

A route does not list its errors: the list would be wrong within a week. Instead the functions that a handler
mentions are followed, through its module, core, and the providers of the ports that it asks. Whoever mentions an
error may raise it, so the answer can hold a code too many, seldom one too few.
"""

from __future__ import annotations

import dis
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FunctionType, ModuleType
from typing import Any

from quart import request
from werkzeug.local import LocalProxy

from feria_core.errors import FeriaError
from feria_core.ports import Port
from feria_core.runtime import registry

OURS = "feria_"
# What these raise is said of every route by its declaration.
PASSED_BY = frozenset(("feria_core.http.problems", "feria_core.http.blueprint", "feria_core.auth"))


@dataclass
class Reach:
    """What the code mentions."""

    errors: set[type[FeriaError]] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    sends: set[str] = field(default_factory=set)


class Reader:
    """Follows code; each function is read once, however many routes come to it."""

    def __init__(self) -> None:
        self._read: dict[FunctionType, tuple[Reach, list[FunctionType]]] = {}

    def reach(self, view: Any) -> Reach:
        """Return what the handler of a route can come to."""
        found = Reach()
        seen: set[FunctionType] = set()
        waiting: list[FunctionType] = [inspect.unwrap(view)]
        while waiting:
            function = waiting.pop()
            if function not in seen:
                seen.add(function)
                waiting += self._follow(function, found)
        return found

    def _follow(self, function: FunctionType, found: Reach) -> list[FunctionType]:
        if function not in self._read:
            own = Reach()
            self._read[function] = own, _mentions(function, own)
        own, following = self._read[function]
        found.errors |= own.errors
        found.reads |= own.reads
        found.sends |= own.sends
        return following


def _mentions(function: FunctionType, found: Reach) -> list[FunctionType]:
    """Note the errors and headers of one function; return the functions that it mentions."""
    objects, attributes, texts = _contents(function)
    found.reads |= texts if any(thing is request for thing in objects) else set()
    found.sends |= texts if _fills_headers(function) or any(_is_answer(thing) for thing in objects) else set()
    following: list[FunctionType] = []
    for thing in (*objects, *_annotated(function)):
        if type(thing) is LocalProxy:
            continue  # asking what it stands for needs a request
        if isinstance(thing, type) and issubclass(thing, FeriaError):
            found.errors.add(thing)
        elif isinstance(thing, FunctionType):
            following.append(inspect.unwrap(thing))
        elif isinstance(thing, type):
            following += _methods(thing, {*attributes, "__init__", "__post_init__"})
        elif isinstance(thing, dict):  # a table of errors by reason
            found.errors |= {each for each in thing.values() if isinstance(each, type) and issubclass(each, FeriaError)}
        elif isinstance(thing, Port):
            for provider in registry().all(thing):
                following += _methods(type(provider), attributes)
        elif type(thing).__module__.startswith(OURS):
            following += _methods(type(thing), attributes)
    return [each for each in following if _is_ours(each.__module__)]


def _contents(function: FunctionType) -> tuple[list[Any], set[str], set[str]]:
    """Return the objects that the code of a function names, the attributes that it takes, and its texts."""
    objects: list[Any] = []
    attributes: set[str] = set()
    texts: set[str] = set()
    closure = inspect.getclosurevars(function).nonlocals if function.__closure__ else {}
    names = {**function.__globals__, **closure}
    for code in _codes(function.__code__):
        thing: Any = None
        for step in dis.get_instructions(code):
            name = step.argval
            if step.opname in {"LOAD_GLOBAL", "LOAD_DEREF", "LOAD_NAME"}:
                thing = names.get(name)
                objects.append(thing)
                if isinstance(thing, str):
                    texts.add(thing)
            elif step.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
                attributes.add(name)
                thing = getattr(thing, name, None) if type(thing) is ModuleType else None
                objects.append(thing)
            elif step.opname == "IMPORT_FROM" and (module := sys.modules.get(_imported(code, step.offset))):
                objects.append(getattr(module, name, None))
            elif isinstance(name, str) and step.opname == "LOAD_CONST":
                texts.add(name)
            elif isinstance(name, tuple) and step.opname == "LOAD_CONST":
                texts |= {part for part in name if isinstance(part, str)}
    return [thing for thing in objects if thing is not None], attributes, texts


def _annotated(function: FunctionType) -> list[type]:
    """Return our classes among the parameters of a function, and among the members of these."""
    kinds = _kinds(function.__annotations__, vars(sys.modules[function.__module__]))
    members = (_kinds(getattr(kind, "__annotations__", {}), vars(sys.modules[kind.__module__])) for kind in kinds)
    return [*kinds, *(kind for found in members for kind in found)]


def _kinds(annotations: dict[str, Any], names: dict[str, Any]) -> list[type]:
    mentioned = {word for text in annotations.values() for word in re.findall(r"\w+", str(text))}
    found = (names.get(word) for word in sorted(mentioned))
    return [
        kind for kind in found if type(kind) is not LocalProxy and isinstance(kind, type) and _is_ours(kind.__module__)
    ]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _imported(code: CodeType, offset: int) -> str:
    """Return the module of the `from ... import` that stands before an instruction."""
    module = ""
    for step in dis.get_instructions(code):
        if step.offset >= offset:
            break
        if step.opname == "IMPORT_NAME":
            module = str(step.argval)
    return module


def _methods(kind: type, names: set[str]) -> list[FunctionType]:
    if not _is_ours(kind.__module__):
        return []
    found = (inspect.getattr_static(kind, name, None) for name in names)
    return [inspect.unwrap(each) for each in map(_plain, found) if isinstance(each, FunctionType)]


def _plain(member: Any) -> Any:
    """Return the function behind a method or property."""
    if isinstance(member, (staticmethod, classmethod)):
        return member.__func__
    return member.fget if isinstance(member, property) else member


def _is_ours(module: str | None) -> bool:
    return bool(module) and str(module).startswith(OURS) and module not in PASSED_BY


def _fills_headers(function: FunctionType) -> bool:
    """Return True where a mapping is made: of those that name a header, it is the answer's."""
    steps = (step.opname for code in _codes(function.__code__) for step in dis.get_instructions(code))
    return any(name in {"BUILD_MAP", "BUILD_CONST_KEY_MAP", "STORE_SUBSCR"} for name in steps)


def _is_answer(thing: Any) -> bool:
    return type(thing) is not LocalProxy and isinstance(thing, type) and thing.__name__ in {"Answer", "Response"}
