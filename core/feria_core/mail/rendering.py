"""Turning a template, a locale and a context into subject, text and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    select_autoescape,
)

from feria_core.contracts.money import Money
from feria_core.errors import StartRefused
from feria_core.money import format_money
from feria_core.runtime import Runtime, current


@dataclass(frozen=True)
class Rendered:
    """A mail ready to be sent."""

    subject: str
    text: str
    html: str


def render(template: str, locale: str, context: Mapping[str, Any]) -> Rendered:
    """Return the mail in `locale`, or in English where a template has no translation.

    Raises StartRefused where the template is missing altogether, jinja2.UndefinedError where it names a value
    that the context lacks.
    """
    environment = _environment(current())
    module, _, name = template.partition("/")
    values = {
        **context,
        "shop_name": current().core.shop_name,
        "public_url": current().core.public_url.rstrip("/"),
        "locale": locale,
    }

    def part(suffix: str) -> str:
        for language in (locale, "en"):
            try:
                return environment.get_template(f"{module}/{language}/{name}.{suffix}").render(values)
            except TemplateNotFound:
                continue
        raise StartRefused(f"mail template '{template}' has no part '{suffix}': add it to the module '{module}'")

    subject = " ".join(part("subject.txt").split())
    return Rendered(subject, part("txt").strip() + "\n", part("html"))


@cache
def _environments() -> dict[int, Environment]:
    return {}


def _environment(runtime: Runtime) -> Environment:
    known = _environments()
    if id(runtime) not in known:
        known.clear()
        loaders = {m.name: PackageLoader(*_folder(m.manifest.emails)) for m in runtime.modules if m.manifest.emails}
        environment = Environment(
            loader=ChoiceLoader([PrefixLoader(loaders), PackageLoader("feria_core", "mail/templates")]),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["money"] = _money
        known[id(runtime)] = environment
    return known[id(runtime)]


def _folder(emails: str) -> tuple[str, str]:
    """Return package and folder of "feria_users:templates/mail"."""
    package, _, folder = emails.partition(":")
    return package, folder or "templates/mail"


def _money(value: Mapping[str, Any], locale: str) -> str:
    return format_money(Money(value["amount"], value["currency"]), locale)
