"""Models and their worth, as staff see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from feria_core import clock
from feria_core.db import Row
from feria_core.money import MoneyOut
from feria_core.runtime import settings
from feria_personalization.repository import models, trainings
from feria_personalization.schemas_admin import (
    DifferenceOut,
    GroupOut,
    ModelOut,
    ModelVersionOut,
    PlaceOut,
    ReportOut,
    TrainingOut,
)
from feria_personalization.service import measuring, staleness
from feria_personalization.service.measuring import Difference, Group
from feria_personalization.settings import PersonalizationSettings

HISTORY = 100
REPORT_DAYS = 30


async def models_overview() -> ModelOut:
    """Return the model in service, the newest training, and the history of models."""
    now = clock.now()
    history = [_version(row) for row in await models.recent(HISTORY)]
    training = await trainings.latest()
    active = next((model for model in history if model.state == "active"), None)
    return ModelOut(
        version=active.version if active else None,
        trained_at=active.trained_at if active else None,
        metrics=active.metrics if active else None,
        is_stale=active is not None and staleness.is_stale(active.trained_at, now),
        stale_after=active.trained_at + staleness.max_age() if active else None,
        training=TrainingOut(**training) if training else None,
        history=history,
    )


async def model_page(*, before: int | None, limit: int) -> list[ModelVersionOut]:
    """Return the newest models below version `before`, all where it is None."""
    return [_version(row) for row in await models.recent(limit, before=before)]


async def uplift(since: datetime | None, until: datetime | None) -> ReportOut:
    """Return the report of a span: the 30 days before `until`, which is now, unless told."""
    last = until or clock.now()
    first = since or last - timedelta(days=REPORT_DAYS)
    found = await measuring.report(first, last)
    return ReportOut(
        since=first,
        until=last,
        attribution_days=settings(PersonalizationSettings).attribution_days,
        recommended=_group(found.recommended, found.currency),
        held_out=_group(found.held_out, found.currency),
        conversion_uplift=_difference(found.conversion, found.held_out.rate),
        amount_uplift=_difference(found.amount_per_person, found.held_out.spent_per_head),
        places=[_place(row, found.currency) for row in found.places],
    )


def _version(row: Row) -> ModelVersionOut:
    report = orjson.loads(row["report"])
    return ModelVersionOut(
        version=row["version"], state=row["state"], trained_at=row["trained_at"], seconds=round(row["seconds"], 1),
        metrics=report.pop("tables", {}), learned_from=report,
    )  # fmt: skip


def _group(group: Group, currency: str) -> GroupOut:
    return GroupOut(
        people=group.people, buyers=group.buyers, orders=group.orders, conversion=round(group.rate, 6),
        amount=_money(group.amount, currency),
    )  # fmt: skip


def _difference(found: Difference | None, base: float) -> DifferenceOut | None:
    if found is None:
        return None
    return DifferenceOut(
        value=round(found.value, 6), low=round(found.low, 6), high=round(found.high, 6),
        is_significant=found.is_significant, relative=round(found.value / base, 6) if base else None,
    )  # fmt: skip


def _place(row: Mapping[str, Any], currency: str) -> PlaceOut:
    rate = round(row["clicks"] / row["answers"], 6) if row["answers"] else 0.0
    return PlaceOut(**{**row, "click_rate": rate, "amount": _money(row["amount"], currency)})


def _money(amount: int, currency: str) -> MoneyOut:
    return MoneyOut(amount=amount, currency=currency)
