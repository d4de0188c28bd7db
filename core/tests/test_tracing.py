"""OpenTelemetry is there for who asks for it."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from feria_core.errors import StartRefused
from feria_core.tracing import ENDPOINT, traced

INSTALLED = importlib.util.find_spec("opentelemetry") is not None


async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def test_without_an_endpoint_nothing_stands_before_the_application() -> None:
    assert traced(app, {}) is app
    assert traced(app, {ENDPOINT: ""}) is app


def test_an_endpoint_without_the_libraries_refuses_the_start() -> None:
    if INSTALLED:
        assert traced(app, {ENDPOINT: "http://127.0.0.1:1"}) is not app
        return
    with pytest.raises(StartRefused, match=r"opentelemetry is not installed: install feria-core\[otel\]"):
        traced(app, {ENDPOINT: "http://127.0.0.1:4318"})
