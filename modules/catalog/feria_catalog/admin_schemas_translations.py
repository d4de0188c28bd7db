"""Translations, as staff send and get them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from feria_catalog.admin_schemas import Description, Label, SeoBody, Version
from feria_catalog.schemas import Slug
from feria_core.http import Body, Out
from feria_core.http.schemas import Text


class ProductTranslationBody(Body):
    """All that is translated of a product in one language; what is left away is shown in the shop's first one."""

    name: Text | None = None
    slug: Slug | None = None
    description: Annotated[Description | None, Field(min_length=1)] = None
    seo: SeoBody | None = None
    version: Version | None = None


class LabelTranslationBody(Body):
    """The name in one language."""

    name: Label
    version: Version | None = None


class SeoTranslation(Out):
    title: str | None
    description: str | None


class ProductTranslation(Out):
    """A product's texts in one language; null is not translated."""

    locale: str
    name: str | None
    slug: str | None
    description: str | None
    seo: SeoTranslation


class ProductTranslations(Out):
    """`version` is the product's."""

    items: list[ProductTranslation]
    next_cursor: None = None
    version: int


class LabelTranslations(Out):
    """Names by locale, and the version of what they name."""

    names: dict[str, str]
    version: int
