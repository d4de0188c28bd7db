"""What a list of posts is narrowed by, as conditions on `blog_post p`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# A former slug of a category means the category.
_CATEGORY = """p.category_id IN (SELECT k.id FROM blog_category k WHERE k.path @> ARRAY[coalesce(
    (SELECT w.slug FROM blog_category_slug h JOIN blog_category w ON w.id = h.category_id WHERE h.slug = {}), {})])"""
_TAG = """EXISTS (SELECT FROM blog_post_tag x JOIN blog_tag y ON y.id = x.tag_id
    WHERE x.post_id = p.id AND y.slug = {})"""
_AUTHOR = "p.author_id = (SELECT id FROM blog_author WHERE slug = {})"


@dataclass(frozen=True)
class Filters:
    """Slugs; None narrows nothing."""

    category: str | None = None
    tag: str | None = None
    author: str | None = None

    def conditions(self, values: list[Any]) -> str:
        """Return the conditions, each begun by AND; what they compare with is appended to `values`."""
        found = ""
        for given, template in ((self.category, _CATEGORY), (self.tag, _TAG), (self.author, _AUTHOR)):
            if given is not None:
                values.append(given)
                found += " AND " + template.replace("{}", f"${len(values)}::text")
        return found
