"""Posts for an empty blog: some published, in English and Spanish, one scheduled, one draft."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Any

from feria_blog.admin_schemas import PostBody
from feria_blog.admin_schemas_taxonomy import AuthorBody, CategoryBody
from feria_blog.reading.languages import known
from feria_blog.staff import authors, categories, posts
from feria_core import clock, db


async def load() -> list[str]:
    """Fill an empty blog; return what was made, for the start-up report. A blog with posts is left alone."""
    document = tomllib.loads(files("feria_blog").joinpath("demo_posts.toml").read_text("utf-8"))
    async with db.transaction():
        # Two processes that start together make one demo blog.
        await db.execute("SELECT pg_advisory_xact_lock(hashtext('blog.demo'))")
        if await db.fetch_value("SELECT EXISTS (SELECT FROM blog_post)"):
            return []
        for author in document["author"]:
            await authors.create(AuthorBody(**author))
        for category in document["category"]:
            await categories.create(CategoryBody(**{**category, "names": _known(category.get("names", {}))}))
        written = [post for post in document["post"] if post.get("locale", known()[0]) in known()]
        for post in written:
            await posts.create(_body(post))
    return [f"{len(written)} posts of the blog, one of them scheduled, one a draft"]


def _body(post: Mapping[str, Any]) -> PostBody:
    at = clock.now() + timedelta(days=post["in_days"]) if "in_days" in post else None
    texts = {locale: {**post[locale], "format": "markdown"} for locale in known() if locale in post}
    return PostBody.model_validate(
        {
            **{name: post.get(name) for name in ("title", "body", "excerpt", "locale", "tags", "category", "author")},
            "format": "markdown",
            "translations": texts,
            "publish_at": at.isoformat() if at else None,
        }
    )


def _known(names: Mapping[str, str]) -> dict[str, str]:
    return {locale: name for locale, name in names.items() if locale in known()}
