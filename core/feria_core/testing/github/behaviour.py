"""What the fake is told to do wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec


class Do(StrEnum):
    """What happens instead of an answer.

    `status` answers `code`, with HTML for 502 as GitHub does; `stall` waits `seconds`, then answers; `drop` closes the
    connection. `primary_limit` is 403 (or `code`) with an empty bucket that is full again in `seconds`,
    `secondary_limit` 429 (or `code`) with Retry-After, `bare_limit` one without any time. `broken_json` ends in the
    middle, `wrong_shape` is JSON of another kind, `huge` sends `size` bytes, `redirect` leads to `location`,
    `cut_short` is a search that says it is incomplete.
    """

    STATUS = "status"
    STALL = "stall"
    DROP = "drop"
    PRIMARY_LIMIT = "primary_limit"
    SECONDARY_LIMIT = "secondary_limit"
    BARE_LIMIT = "bare_limit"
    BROKEN_JSON = "broken_json"
    WRONG_SHAPE = "wrong_shape"
    HUGE = "huge"
    REDIRECT = "redirect"
    CUT_SHORT = "cut_short"


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """One forced behaviour for the next `times` calls."""

    do: Do
    times: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    code: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 60.0
    size: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] = 100_000_000
    location: str = "https://example.org/elsewhere"
