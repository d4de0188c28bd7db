"""Which language of a post is shown: the wished one where it is translated, else its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from feria_core.errors import Invalid
from feria_core.http.request import locale
from feria_core.runtime import core_settings

# $L is the wished language. What is translated stands in for the post's own, the rest stays.
TRANSLATED = (
    "slug", "title", "html", "summary", "excerpt", "words", "seo_title", "seo_description", "locale",
)  # fmt: skip


def wished() -> str:
    """Return the language that the request asks for, one of the deployment's."""
    return locale()


def known() -> tuple[str, ...]:
    """Return the languages of the deployment, its first one first."""
    return core_settings().locales


def check_known(language: str, *place: str) -> None:
    """Raise Invalid, naming the place in the body, for a language that the deployment has not."""
    if language not in known():
        message = f"'{language[:20]}' is no language here: choose one of {', '.join(known())}"
        raise Invalid.field("body", *place, code="unknown_locale", message=message)


def column(name: str, *, post: str = "p", translation: str = "t") -> str:
    """Return the SQL of a post's column in the language that `translation` joins, where it has it."""
    if name in {"seo_title", "seo_description"}:
        # A translation without one falls back to its own title and excerpt, not to another language's.
        return f"CASE WHEN {translation}.post_id IS NULL THEN {post}.{name} ELSE {translation}.{name} END"
    return f"coalesce({translation}.{name}, {post}.{name})"


def name_in(names: Any, name: str, wanted: str) -> str:
    """Return the name in the language, where it has one there."""
    found: Mapping[str, str] = orjson.loads(names) if isinstance(names, str) else (names or {})
    return found.get(wanted, name)


def content_language(shown: Iterable[str]) -> dict[str, str]:
    """Return the header for an answer in these languages; for none the shop's first."""
    return {"Content-Language": ", ".join(sorted(set(shown))) or known()[0]}
