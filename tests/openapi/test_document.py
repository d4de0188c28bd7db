"""The description of the API says what a frontend must know: every answer, every problem, every header."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from quart import Quart

from feria_core.app import create_app
from feria_core.config import load_config
from feria_core.http.openapi import document
from feria_core.runtime import Runtime, current, use
from feria_core.testing.deployment import write_plugins

Json = dict[str, Any]
WITHOUT_BODY = {"204", "301", "302", "304"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quart]:
    try:
        before: Runtime | None = current()
    except RuntimeError:
        before = None
    plugins = write_plugins(tmp_path_factory.mktemp("openapi") / "plugins.toml")
    yield create_app(load_config(Path(plugins), environment={"FERIA_CORE__LOG_LEVEL": "error"}))
    use(before)


@pytest.fixture(scope="module")
def described(app: Quart) -> Json:
    return document(app)


def operations(described: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def answers(described: Json, operation: Json) -> Iterator[tuple[str, Json]]:
    """Give each status with its answer, references followed."""
    for status, answer in operation["responses"].items():
        name = answer.get("$ref", "").rpartition("/")[2]
        yield status, described["components"]["responses"][name] if name else answer


def codes(described: Json, path: str, method: str, status: str) -> set[str]:
    """Return the problem codes that a route is said to give under a status."""
    answer = dict(answers(described, described["paths"][path][method]))[status]
    return set(answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"])


def test_every_answer_with_a_body_says_its_shape(described: Json) -> None:
    bare = [
        f"{call} {status}"
        for call, operation in operations(described)
        for status, answer in answers(described, operation)
        if status not in WITHOUT_BODY
        and not (answer.get("content") and all(each.get("schema") for each in answer["content"].values()))
    ]
    assert bare == []


def test_every_operation_has_a_name_of_its_own_a_module_and_a_sentence(described: Json) -> None:
    named = Counter(operation["operationId"] for _, operation in operations(described))
    assert [name for name, times in named.items() if times > 1] == []
    tags = {tag["name"] for tag in described["tags"]}
    for call, operation in operations(described):
        assert operation["summary"], call
        assert len(operation["tags"]) == 1, call
        assert operation["tags"][0] in tags, call
        assert "security" in operation, call


def test_every_reference_leads_somewhere_and_nothing_is_described_in_vain(described: Json) -> None:
    text = json.dumps(described)
    used = set(re.findall(r'"#/components/(\w+)/([^"]+)"', text))
    there = {(kind, name) for kind in ("schemas", "responses", "headers") for name in described["components"][kind]}
    assert used <= there
    assert {pair for pair in there - used if pair[0] == "schemas"} == set()
    assert "x-shape" not in text


def test_shapes_of_one_name_in_several_modules_are_kept_apart(described: Json) -> None:
    shapes = described["components"]["schemas"]
    assert "product" in shapes["CartItemOut"]["properties"]
    assert "shipped" not in shapes["CartItemOut"]["properties"]
    assert {"sku", "shipped"} <= set(shapes["OrderItemOut"]["properties"])
    assert shapes["CartItemOut"]["properties"]["product"]["$ref"].endswith("/ProductCard")


def test_a_route_names_the_problems_of_its_own_code_and_of_the_ports_that_it_asks(described: Json) -> None:
    assert {"cart_full", "out_of_stock"} <= codes(described, "/api/cart/items", "post", "409")
    assert "cart_version_stale" in codes(described, "/api/cart/items", "post", "412")
    assert {"code_expired", "code_minimum_not_met"} <= codes(described, "/api/cart/codes", "post", "409")
    assert {"invalid_credentials", "otp_required"} <= codes(described, "/api/auth/login", "post", "401")
    assert {"payment_failed"} <= codes(described, "/api/checkouts/{checkout_id}/complete", "post", "402")
    assert {"forbidden"} == codes(described, "/api/admin/products", "post", "403")


def test_headers_that_are_sent_and_read_are_described(described: Json) -> None:
    cart = described["paths"]["/api/cart"]["get"]
    assert {"Cart-Token", "ETag"} <= set(cart["responses"]["200"]["headers"])
    assert "Cart-Token" in {each["name"] for each in cart["parameters"]}
    products = described["paths"]["/api/products"]["get"]
    assert "ETag" in products["responses"]["200"]["headers"]
    assert "304" in products["responses"]
    completing = described["paths"]["/api/checkouts/{checkout_id}/complete"]["post"]
    key = next(each for each in completing["parameters"] if each["name"] == "Idempotency-Key")
    assert key["required"]
    assert "Idempotent-Replayed" in completing["responses"]["201"]["headers"]
    limited = dict(answers(described, described["paths"]["/api/contact"]["post"]))["429"]
    assert limited["headers"]["Retry-After"]
    assert "Location" in described["paths"]["/api/products/{key}"]["get"]["responses"]["301"]["headers"]


def test_who_may_call_is_said(described: Json) -> None:
    assert set(described["components"]["securitySchemes"]) == {"bearer", "apiKey"}
    paths = described["paths"]
    assert {} in paths["/api/products"]["get"]["security"]
    assert paths["/api/users/me"]["get"]["security"] == [{"bearer": []}]
    assert {"apiKey": []} in paths["/api/admin/products"]["post"]["security"]
    assert paths["/api/admin/products"]["post"]["x-permission"] == "catalog.write"


def test_the_document_is_made_once(app: Quart) -> None:
    assert document(app) is document(app)
