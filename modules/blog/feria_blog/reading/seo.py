"""What a post tells search engines and social networks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feria_core.db import Row

# Of schema.org's BlogPosting, as search engines read it.
MAX_HEADLINE, MAX_DESCRIPTION = 110, 300


@dataclass(frozen=True)
class Site:
    """Whose blog it is, and where people reach it (without a slash at the end)."""

    name: str
    base: str

    def absolute(self, address: str) -> str:
        """Return the address with its host; one that has one stays."""
        return f"{self.base}{address}" if address.startswith("/") and not address.startswith("//") else address


def seo(site: Site, row: Row, card: dict[str, Any]) -> dict[str, Any]:
    """Return title, description, canonical address, picture and Open Graph, with fallbacks for what is left away."""
    title = row["seo_title"] or card["title"]
    description = row["seo_description"] or card["excerpt"][:MAX_DESCRIPTION]
    canonical = row["seo_canonical"] or site.absolute(card["url"])
    picture = row["seo_image"] or (card["cover"]["url"] if card["cover"] else None)
    image = site.absolute(picture) if picture else None
    return {
        "title": title,
        "description": description,
        "canonical": canonical,
        "image": image,
        "open_graph": {
            "type": "article",
            "title": title,
            "description": description,
            "url": canonical,
            "site_name": site.name,
            "locale": card["locale"].replace("-", "_"),
            "image": image,
            "published_time": card["published_at"],
            "modified_time": card["updated_at"],
            "author": card["author"]["name"] if card["author"] else None,
            "section": card["category"]["name"] if card["category"] else None,
            "tags": [tag["name"] for tag in card["tags"]],
        },
    }


def jsonld(site: Site, row: Row, card: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """Return the schema.org BlogPosting."""
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": f"{shown['canonical']}#post",
        "headline": card["title"][:MAX_HEADLINE],
        "description": shown["description"],
        "url": shown["canonical"],
        "mainEntityOfPage": {"@type": "WebPage", "@id": shown["canonical"]},
        "inLanguage": card["locale"],
        "wordCount": row["words"],
        "timeRequired": f"PT{card['reading_time_minutes']}M",
        "dateModified": _time(card["updated_at"]),
        "publisher": {"@type": "Organization", "name": site.name, "url": f"{site.base}/"},
        "author": _author(site, row) or {"@type": "Organization", "name": site.name, "url": f"{site.base}/"},
    }
    if card["published_at"]:
        document["datePublished"] = _time(card["published_at"])
    if shown["image"]:
        document["image"] = [shown["image"]]
    if card["category"]:
        document["articleSection"] = card["category"]["name"]
    if card["tags"]:
        document["keywords"] = ", ".join(tag["name"] for tag in card["tags"])
    return document


def _author(site: Site, row: Row) -> dict[str, Any] | None:
    if not row["author_name"]:
        return None
    person: dict[str, Any] = {"@type": "Person", "name": row["author_name"]}
    if row["author_url"]:
        person["url"] = row["author_url"]
    if row["author_picture"]:
        person["image"] = site.absolute(row["author_picture"])
    return person


def _time(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
