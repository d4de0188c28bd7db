"""What a deployment may choose."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_core.module import ModuleSettings


class BlogSettings(ModuleSettings):
    """The table `[modules.blog.settings]`."""

    title: Annotated[
        str | None, Field(max_length=200, description="Title of the feeds; without one the shop's name and 'blog'")
    ] = None
    description: Annotated[str, Field(max_length=500, description="What the feeds say of themselves")] = ""
    words_per_minute: Annotated[int, Field(ge=50, le=1000, description="By which the reading time is told")] = 220
    feed_posts: Annotated[int, Field(ge=1, le=100, description="How many posts a feed holds")] = 30
    preview_hours: Annotated[int, Field(ge=1, le=24 * 90, description="For how long a preview link works")] = 72
    revisions_kept: Annotated[int, Field(ge=1, le=10_000, description="Of one post; the oldest go first")] = 200
