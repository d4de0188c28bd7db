"""A post's texts in other languages, for staff."""

from __future__ import annotations

from feria_blog.admin_schemas import PostContent, TranslationBody, TranslationPut
from feria_blog.errors import TranslationUnknown
from feria_blog.staff import posts
from feria_blog.writing.rows import Stored


async def put(key: str, locale: str, body: TranslationPut) -> Stored:
    """Write the post's text in a language, new or in the place of the one it had.

    Raises PostUnknown, StaleVersion, SlugTaken, Invalid for a language that the deployment has not.
    """
    text = TranslationBody.model_validate(body.model_dump(exclude={"version"}))

    def changed(before: Stored) -> PostContent:
        return before.content.model_copy(update={"translations": {**before.content.translations, locale: text}})

    return await posts.change(key, "blog.post.translated", content=changed, version=body.version)


async def remove(key: str, locale: str) -> None:
    """Take the text in a language away. Raises PostUnknown, TranslationUnknown."""

    def changed(before: Stored) -> PostContent:
        if locale not in before.content.translations:
            raise TranslationUnknown(locale)
        left = {language: text for language, text in before.content.translations.items() if language != locale}
        return before.content.model_copy(update={"translations": left})

    await posts.change(key, "blog.post.untranslated", content=changed)
