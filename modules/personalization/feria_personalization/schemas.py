"""What the public routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from feria_core.http import Body, Out, Query
from feria_core.http.schemas import ProductCard
from feria_core.ids import parse_id

MAX_BATCH = 50


def _id(text: str) -> str:
    known = parse_id(text)
    if known is None:
        raise ValueError("this is no id")
    return str(known)


Id = Annotated[str, Field(min_length=36, max_length=36, json_schema_extra={"format": "uuid"}), AfterValidator(_id)]


class ActivityEvent(Body):
    """One thing that the visitor did: `view` and `click` with `product_id`, `search` with `query`."""

    kind: Annotated[Literal["view", "search", "click"], Field(description="What the visitor did")]
    product_id: Annotated[Id | None, Field(description="The product looked at or clicked on")] = None
    query: Annotated[
        str | None, Field(min_length=1, max_length=200, description="What was searched for", examples=["oak table"])
    ] = None
    recommendation_id: Annotated[
        Id | None, Field(description="Of a click, and of a view that follows one: `id` of the recommendations")
    ] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "search") != (self.query is not None):
            raise ValueError("a search has a query, nothing else has")
        if (self.kind == "search") != (self.product_id is None):
            raise ValueError("a view or a click has a product_id, a search has none")
        if self.kind == "click" and self.recommendation_id is None:
            raise ValueError("a click has the recommendation_id of the list it was made in")
        return self


class ActivityBatch(Body):
    """What the visitor did since the last batch, oldest first."""

    events: Annotated[list[ActivityEvent], Field(min_length=1, max_length=MAX_BATCH)]


class ActivityOut(Out):
    """Whether it was recorded: nothing is without consent."""

    recorded: Annotated[int, Field(description="How many events were written; 0 without consent")]


class ConsentIn(Body):
    """A yes or a no to being remembered."""

    granted: Annotated[bool, Field(description="True: activity is recorded and used from the next request on")]


class ConsentOut(Out):
    """What the caller has decided."""

    granted: bool
    decided_at: Annotated[datetime | None, Field(description="Null where the caller never decided: that is a no")]


class HistoryItem(Out):
    """One thing that the caller did."""

    id: UUID
    kind: Annotated[Literal["view", "search", "click", "cart", "purchase"], Field(description="What it was")]
    at: datetime
    product_id: UUID | None
    query: str | None
    product: Annotated[ProductCard | None, Field(description="ProductCard; null where it is shown no more")]


class RecommendationsQuery(Query):
    """Where they are shown, and how many."""

    place: Annotated[
        Literal["home", "product", "cart"],
        Field(alias="for", description="Where they are shown: `home` for the caller, `product`, the caller's `cart`"),
    ] = "home"
    product: Annotated[
        str | None, Field(min_length=1, max_length=200, description="With `for=product`: its id or slug")
    ] = None
    limit: Annotated[int, Field(ge=1, le=50, description="How many items")] = 12

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.place == "product") != (self.product is not None):
            raise ValueError("for=product needs the product, the others take none")
        return self


class Because(Out):
    """The product that a recommendation comes from."""

    id: UUID
    slug: str
    name: str


class ReasonOut(Out):
    """Why an item is shown."""

    code: Annotated[
        str,
        Field(
            description="`bought_together`, `also_viewed`, `similar`, `from_purchases`, `from_views`, `goes_with_cart`,"
            " `new_and_similar`, `trending`, `popular` or `from_the_shop`",
            examples=["bought_together"],
        ),
    ]
    text: Annotated[str, Field(description="The same for people", examples=["Bought together with Oak table"])]
    product: Annotated[Because | None, Field(description="The product that it comes from")]


class RecommendationOut(Out):
    """A product and why it is shown."""

    product: Annotated[ProductCard, Field(description="ProductCard")]
    reason: ReasonOut


class RecommendationsOut(Out):
    """Recommendations, best first."""

    id: Annotated[UUID, Field(description="Tell clicks with it, as `recommendation_id`")]
    model_version: Annotated[int | None, Field(description="Null where no model was used")]
    items: list[RecommendationOut]
