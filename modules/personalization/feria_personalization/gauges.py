"""What /metrics tells of recommendations, beside what core counts."""

from __future__ import annotations

from prometheus_client import Gauge

model_age_seconds = Gauge(
    "feria_recommendation_model_age_seconds",
    "Age of the model in service, when recommendations were last asked for",
    multiprocess_mode="livemax",
)
