"""A post written with everything that follows from its text, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_blog import content as contents
from feria_blog.admin_schemas import PostContent
from feria_blog.content import Content
from feria_blog.reading.cards import TAG
from feria_blog.reading.languages import check_known, known
from feria_blog.writing import mentions, pictures, postings, references, slugs
from feria_blog.writing.postings import Searched
from feria_core import cache, clock, db
from feria_core.errors import Invalid

_VALUES = (
    "slug", "locale", "title", "body", "format", "html", "summary", "excerpt", "words", "seo_title", "seo_description",
    "seo_canonical", "seo_image", "cover_url", "cover_alt", "category_id", "author_id", "status", "publish_at",
    "updated_at",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO blog_post (id, {', '.join(_VALUES)}, created_at)"
    f" VALUES ($1, {', '.join(f'${n}' for n in range(2, len(_VALUES) + 2))}, ${len(_VALUES) + 1})"
)
_UPDATE = (
    f"UPDATE blog_post SET {', '.join(f'{name} = ${n}' for n, name in enumerate(_VALUES, 2))},"
    f" version = version + 1 WHERE id = $1 AND version = ${len(_VALUES) + 2}"
)
_TRANSLATE = """
INSERT INTO blog_translation (post_id, locale, slug, title, body, format, html, summary, excerpt, words, seo_title,
    seo_description, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""


@dataclass(frozen=True)
class Prepared:
    """A content with its texts rendered; made before the transaction, since a long text takes its time."""

    content: PostContent
    locale: str
    text: Content
    translated: Mapping[str, Content]

    @property
    def products(self) -> set[str]:
        """The slugs of the products that the post shows, in any language."""
        return {slug for text in (self.text, *self.translated.values()) for slug in text.products}

    @property
    def pictures(self) -> set[str]:
        """The paths of the pictures of this site that it shows."""
        keys = {key for text in (self.text, *self.translated.values()) for key in text.pictures}
        cover = [self.content.cover.url] if self.content.cover else []
        image = [self.content.seo.image] if self.content.seo.image else []
        return {f"{pictures.PREFIX}{key}" for key in keys} | set(cover) | set(image)


async def prepare(content: PostContent) -> Prepared:
    """Return the content with its texts rendered. Raises Invalid for a language that the deployment has not."""
    locale = content.locale or known()[0]
    check_known(locale, "locale")
    for language in content.translations:
        check_known(language, "translations")
    if locale in content.translations:
        message = f"the post is written in '{locale}': change its own text"
        raise Invalid.field("body", "translations", code="own_locale", message=message)
    text = await contents.render(content.body, content.format, summary=content.excerpt)
    translated = {
        language: await contents.render(each.body, each.format, summary=each.excerpt)
        for language, each in content.translations.items()
    }
    return Prepared(content, locale, text, translated)


async def write(
    post_id: UUID, prepared: Prepared, *, slug: str, status: str, publish_at: datetime | None, version: int | None
) -> bool:
    """Write the post, new where `version` is None; False where it has not that version any more.

    Raises Invalid for an unknown category or author, SlugTaken, PictureMissing.
    """
    content, text, now = prepared.content, prepared.text, clock.now()
    wanted = _slugs(slug, prepared)
    await slugs.check(post_id, wanted.values())
    values: tuple[Any, ...] = (
        slug, prepared.locale, content.title, content.body, content.format, text.html, content.excerpt, text.excerpt,
        text.words, content.seo.title, content.seo.description, content.seo.canonical, content.seo.image,
        content.cover.url if content.cover else None, content.cover.alt if content.cover else "",
        await references.category_id(content.category), await references.author_id(content.author), status, publish_at,
        now,
    )  # fmt: skip
    if version is None:
        await db.execute(_INSERT, post_id, *values)
    elif not await db.execute(_UPDATE, post_id, *values, version):
        return False
    await slugs.take(post_id, wanted)
    await _translate(post_id, slug, prepared)
    await references.set_tags(post_id, content.tags)
    await postings.rewrite(post_id, _searched(prepared), content.tags, locale=prepared.locale, first=known()[0])
    await mentions.rewrite(post_id, prepared.products)
    await pictures.keep(post_id, prepared.pictures)
    cache.touch(TAG)
    return True


def _slugs(slug: str, prepared: Prepared) -> dict[str | None, str]:
    own = {language: each.slug for language, each in prepared.content.translations.items()}
    wanted: dict[str | None, str] = {None: slug}
    return wanted | {language: other for language, other in own.items() if other is not None and other != slug}


async def _translate(post_id: UUID, slug: str, prepared: Prepared) -> None:
    await db.execute("DELETE FROM blog_translation WHERE post_id = $1", post_id)
    for language, each in sorted(prepared.content.translations.items()):
        text = prepared.translated[language]
        await db.execute(
            _TRANSLATE, post_id, language, each.slug if each.slug != slug else None, each.title, each.body,
            each.format, text.html, each.excerpt, text.excerpt, text.words, each.seo.title, each.seo.description,
            clock.now(),
        )  # fmt: skip


def _searched(prepared: Prepared) -> dict[str, Searched]:
    found = {prepared.locale: Searched(prepared.content.title, prepared.text.plain)}
    for language, text in prepared.translated.items():
        found[language] = Searched(prepared.content.translations[language].title, text.plain)
    return found
