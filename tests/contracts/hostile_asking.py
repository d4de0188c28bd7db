"""What the hostile tests share: how thorough they are, and whom they ask with which bodies."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hostile_shop import Person, Route, Shop
from hostile_wire import INSIDE, LONGEST_PROBLEM, Findings

from feria_core.errors import FeriaError
from feria_core.http.bodies import parse_json, validate
from feria_core.testing.client import Reply

# The suite sends what can differ: `make soak` sends everything to everything, which takes the better part of an hour.
# All routes are walked: on a slow machine that takes longer than any other test may.
_LONG = pytest.mark.timeout(1800)
thoroughly = pytest.mark.parametrize(
    "everything",
    [
        pytest.param(False, id="sample", marks=_LONG),
        pytest.param(True, id="everything", marks=(pytest.mark.soak, pytest.mark.timeout(7200))),
    ],
)
# Of the bodies that a model refuses, every so many goes all the way.
SENT_ALL_THE_SAME = 8
_JSON_REQUEST = cast("Any", SimpleNamespace(mimetype="application/json"))


def with_bodies(shop: Shop) -> list[Route]:
    """Return the routes that take a JSON body."""
    return [route for route in shop.routes if route.spec and route.spec.body]


def is_refused_by_its_model(route: Route, sent: bytes) -> bool:
    """Return True where the functions that read a request's body refuse this one, in a few words.

    A route whose model refuses a body never sees it, so that sending it shows nothing about the route.
    """
    assert route.spec
    assert route.spec.body
    try:
        validate(route.spec.body, parse_json(_JSON_REQUEST, sent), where="body")
    except FeriaError as error:
        refusal = error
    else:
        return False
    told = f"{refusal.detail} {refusal.members}".encode("utf-8", "surrogatepass")
    assert 400 <= refusal.status < 500
    assert len(told) < LONGEST_PROBLEM
    assert not any(word in told for word in INSIDE)
    return True


async def say(findings: Findings, shop: Shop, route: Route, person: Person, what: str, sent: bytes) -> Reply:
    """Send the body and judge the answer."""
    heard = await shop.ask(route, person, body=sent)
    findings.judge(str(route), f"{what} as {person.name}", heard, sent)
    return heard
