"""Bodies within bounds: how deep, how many problems are told, and where a NUL stands."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import orjson
import pytest
from pydantic import Field
from quart import Quart, request

from feria_core.errors import BadRequest, Invalid
from feria_core.http.bodies import parse_json, validate
from feria_core.http.schemas import Body, Moment


class Parcel(Body):
    name: str
    weights: dict[str, int] = Field(default_factory=dict)


async def parsed(raw: bytes) -> Any:
    app = Quart(__name__)
    async with app.test_request_context("/", method="POST", headers={"Content-Type": "application/json"}):
        return parse_json(request, raw)


async def test_containers_nest_32_deep_and_no_deeper() -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        await parsed(opening * 31 + b"[]" + closing * 31)
        with pytest.raises(BadRequest, match="32 levels"):
            await parsed(opening * 32 + b"[]" + closing * 32)


async def test_brackets_inside_of_text_are_no_depth() -> None:
    assert await parsed(b'["' + b"[" * 100 + b'"]') == ["[" * 100]


async def test_a_nul_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        await parsed(b'{"a": [1, {"b": "x\\u0000y"}]}')
    assert refused.value.members["errors"][0]["loc"] == ["a", 1, "b"]
    with pytest.raises(Invalid) as refused:
        await parsed(b'{"a": {"b\\u0000": 1}}')
    assert refused.value.members["errors"][0]["loc"] == ["a"]
    assert await parsed(b'["\\\\u0000"]') == ["\\u0000"]


async def test_a_crowded_body_is_read_in_a_moment() -> None:
    """A megabyte of `{}` costs its sender nothing, and every other request waits meanwhile."""
    crowded = b'{"a":[' + b"{}," * 299_999 + b'"\\u0000"]}'
    started = time.process_time()
    with pytest.raises(Invalid):
        await parsed(crowded)
    assert time.process_time() - started < 0.8


def test_the_first_hundred_problems_are_told_and_long_names_are_cut() -> None:
    with pytest.raises(Invalid) as refused:
        validate(Parcel, {"name": "x", "weights": {str(number): "no" for number in range(300)}}, where="body")
    errors = refused.value.members["errors"]
    assert [error["loc"] for error in errors[:2]] == [["body", "weights", "0"], ["body", "weights", "1"]]
    assert len(errors) == 100
    with pytest.raises(Invalid) as refused:
        validate(Parcel, {"name": "x", "a" * 100_000: 1}, where="body")
    assert len(orjson.dumps(refused.value.members)) + len(refused.value.detail) < 1000


def test_a_body_that_is_wrong_all_over_is_told_so_in_one_sentence() -> None:
    started = time.process_time()
    with pytest.raises(Invalid) as refused:
        validate(Parcel, {str(number): 1 for number in range(50_000)}, where="body")
    assert time.process_time() - started < 0.5
    assert refused.value.members["errors"] == [
        {"loc": ["body"], "code": "too_many_problems", "message": "50001 values are not acceptable"}
    ]


class Asked(Body):
    at: date | Moment


def test_a_place_names_no_function_of_ours() -> None:
    with pytest.raises(Invalid) as refused:
        validate(Asked, {"at": 5}, where="query")
    places = [problem["loc"] for problem in refused.value.members["errors"]]
    assert ["query", "at"] in places
    assert not [place for place in places if any("function" in str(part) for part in place)]
