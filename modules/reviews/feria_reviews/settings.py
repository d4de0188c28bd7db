"""Settings of the table `[modules.reviews.settings]`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from feria_core.module import ModuleSettings

Word = Annotated[str, Field(min_length=1, max_length=100)]


class ReviewsSettings(ModuleSettings):
    """What is published without a look, what waits for staff, and when buyers are asked."""

    auto_approve: Annotated[
        Literal["none", "verified", "all"],
        Field(description="Whose reviews are published at once: nobody's, those of verified purchases, everybody's"),
    ] = "verified"
    hold_links: Annotated[bool, Field(description="Hold what holds a link or a domain")] = True
    hold_words: Annotated[
        tuple[Word, ...], Field(max_length=1_000, description="Hold what holds one of these words, in any case")
    ] = ()
    hold_first: Annotated[bool, Field(description="Hold what comes of people without a published review")] = False
    hold_photos: Annotated[bool, Field(description="Hold reviews to which a photo is added")] = False
    report_threshold: Annotated[
        int, Field(ge=1, le=1_000, description="Reports after which a review is hidden until staff look at it")
    ] = 3
    max_photos: Annotated[int, Field(ge=0, le=20, description="Most photos of one review")] = 5
    photo_max_bytes: Annotated[int, Field(ge=1_024, le=100_000_000, description="Largest photo, bytes")] = 10_000_000
    prior_rating: Annotated[
        Decimal, Field(ge=1, le=5, max_digits=3, decimal_places=2, description="Stars that the Bayesian mean begins at")
    ] = Decimal("3.50")
    prior_weight: Annotated[
        int, Field(ge=0, le=1_000, description="How many reviews `prior_rating` weighs in the Bayesian mean")
    ] = 10
    mail_approved: Annotated[bool, Field(description="Tell authors when staff have published what was held")] = True
    mail_replied: Annotated[bool, Field(description="Tell authors when the shop has replied")] = True
    mail_requests: Annotated[bool, Field(description="Ask buyers for reviews some days after delivery")] = True
    request_after_days: Annotated[int, Field(ge=0, le=365, description="Days from delivery to the request")] = 7
    request_link_days: Annotated[int, Field(ge=1, le=365, description="Days for which a request's link works")] = 30
