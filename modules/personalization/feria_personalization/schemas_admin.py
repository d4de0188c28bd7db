"""What staff send and are answered about models and what they are worth."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from feria_core.http import Out, Query
from feria_core.http.schemas import Moment
from feria_core.money import MoneyOut


class TrainingOut(Out):
    """A training: queued, under way or over."""

    id: UUID
    state: Literal["waiting", "running", "done", "failed"]
    stage: Annotated[str, Field(description="What is being done", examples=["choosing next"])]
    progress: Annotated[float, Field(description="0 to 1")]
    asked_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    version: Annotated[int | None, Field(description="The model that came of it")]
    error: str | None


class ModelVersionOut(Out):
    """A model that was trained."""

    version: int
    state: Annotated[
        Literal["active", "kept", "pruned"],
        Field(description="In service, to go back to, or no more than its report"),
    ]
    trained_at: datetime
    seconds: Annotated[float, Field(description="How long the training took")]
    metrics: Annotated[
        dict[str, Any],
        Field(
            description="By table: the method that was chosen, NDCG and hit rate of ten items on the data's own last"
            " months, and those of plain popularity; null where there was too little to measure by"
        ),
    ]
    learned_from: Annotated[dict[str, Any], Field(description="Lines of sales, visits, people, products, pairs")]


class ModelOut(Out):
    """The model in service, the training that was asked for last, and the models before it."""

    version: Annotated[int | None, Field(description="Null where no model is in service")]
    trained_at: datetime | None
    metrics: dict[str, Any] | None
    is_stale: Annotated[bool, Field(description="True: it is too old to be used, popular products take its place")]
    stale_after: Annotated[datetime | None, Field(description="When it becomes too old")]
    training: TrainingOut | None
    history: Annotated[list[ModelVersionOut], Field(description="Newest first, at most 100")]


class TrainingAsked(Out):
    """The training that will be done; one that waited or ran already is it."""

    job_id: Annotated[UUID, Field(description="`training.id` of GET /api/admin/recommendations/model")]


class RolledBack(Out):
    """The version that is in service now."""

    version: int


class ReportQuery(Query):
    """Of which span; the last 30 days unless told."""

    since: Annotated[Moment | None, Field(alias="from", description="First moment")] = None
    until: Annotated[Moment | None, Field(alias="to", description="Moment after the last")] = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("from must lie before to")
        return self


class GroupOut(Out):
    """What became of the people of one group."""

    people: int
    buyers: int
    orders: int
    conversion: Annotated[float, Field(description="Buyers by people, 0 to 1")]
    amount: MoneyOut


class DifferenceOut(Out):
    """By how much those who see recommendations are above those who are held out."""

    value: float
    low: Annotated[float, Field(description="Lower end of the 95 % confidence interval")]
    high: Annotated[float, Field(description="Upper end of the 95 % confidence interval")]
    is_significant: Annotated[bool, Field(description="True where 0 lies outside of the interval")]
    relative: Annotated[float | None, Field(description="`value` by the held-out group's; null where that is 0")]


class PlaceOut(Out):
    """What became of the answers in one place, of one group."""

    place: Literal["home", "product", "cart"]
    held_out: bool
    answers: int
    items: int
    clicks: int
    click_rate: Annotated[float, Field(description="Clicks by answers")]
    purchases: Annotated[int, Field(description="Products bought after they were clicked on in an answer")]
    amount: MoneyOut


class ReportOut(Out):
    """What recommendations are worth."""

    since: datetime
    until: datetime
    attribution_days: int
    recommended: GroupOut
    held_out: GroupOut
    conversion_uplift: Annotated[DifferenceOut | None, Field(description="Null while one of the groups is empty")]
    amount_uplift: Annotated[DifferenceOut | None, Field(description="Of what one person spends, in minor units")]
    places: list[PlaceOut]
