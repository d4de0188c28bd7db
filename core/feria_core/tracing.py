"""OpenTelemetry traces, where OTEL_EXPORTER_OTLP_ENDPOINT says where they go; the extra `otel` brings the libraries.

Requests that reach the application and their statements become spans; answers from memory do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from feria_core.errors import StartRefused
from feria_core.http.response_cache import Application

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def traced(app: Application, environment: Mapping[str, str]) -> Application:
    """Return `app`, traced where the endpoint is set. Raises StartRefused where the libraries are missing."""
    if not environment.get(ENDPOINT):
        return app
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise StartRefused(
            f"{ENDPOINT} is set, but {error.name} is not installed: install feria-core[otel], or unset the variable"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "feria"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    AsyncPGInstrumentor().instrument()
    return cast("Application", OpenTelemetryMiddleware(app))
