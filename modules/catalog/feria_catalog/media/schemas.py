"""The shapes of staff's routes of pictures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from feria_catalog.media import limits
from feria_catalog.schemas import ImageOut
from feria_core.http import Body, Out


class FocalPointBody(Body):
    """Shares of width and height from the upper left corner."""

    x: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, examples=[0.5])]
    y: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, examples=[0.25])]


class MediaPatch(Body):
    """What is named is changed; `focal_point: null` takes it away, `position` 0 is the picture on cards."""

    alt: Annotated[str, Field(max_length=limits.ALT_LENGTH)] | None = None
    position: Annotated[int, Field(ge=0, le=limits.PER_PRODUCT)] | None = None
    focal_point: FocalPointBody | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class AdminMedia(ImageOut):
    """A picture of a product as staff see it."""

    id: UUID
    key: str = Field(description="The name of its file", examples=["ab12cd34ab12cd34ab12cd34ab12cd34.webp"])
    position: int
    bytes: int | None = Field(description="Size of the stored original; null for pictures of before 0.2")
    version: int = Field(description="The product's version with this change")


class AdminMediaList(Out):
    """A product's pictures in their order."""

    items: list[AdminMedia]
    next_cursor: None = None
    version: int
