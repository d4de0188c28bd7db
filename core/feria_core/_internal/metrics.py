"""The counters that every process keeps, in Prometheus' text format at /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

requests_total = Counter("feria_requests_total", "Answered requests", ["method", "route", "status"])
request_seconds = Histogram(
    "feria_request_seconds",
    "Time to answer, by route",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
cache_total = Counter("feria_response_cache_total", "Looks into the response cache", ["outcome"])
cache_bytes = Gauge("feria_response_cache_bytes", "Memory of the response cache")
pool_connections = Gauge(
    "feria_database_connections", "Connections of the pool", ["state"], multiprocess_mode="livesum"
)
# Of the whole deployment, read from the database: workers answer no HTTP.
jobs_now = Gauge("feria_queue_jobs", "Jobs of the deployment", ["queue", "state"], multiprocess_mode="mostrecent")
oldest_due_seconds = Gauge(
    "feria_queue_oldest_due_seconds", "How long the oldest due job waits", ["queue"], multiprocess_mode="mostrecent"
)
jobs_total = Counter("feria_jobs_total", "Attempts of jobs", ["name", "outcome"])
