"""What the blog answers to other modules, and adds to theirs."""

from __future__ import annotations

from feria_blog.admin_sections import SECTIONS
from feria_blog.personal_data import BlogData
from feria_blog.reading.mentioned_in import MentionedIn
from feria_blog.reading.sitemap import CategorySitemap, PostSitemap
from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.catalog import PRODUCT_PARTS
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.contracts.sitemap import SITEMAP_SOURCES
from feria_core.ports import Registry


def register(registry: Registry) -> None:
    """Add posts to products' pages and to the sitemap, and what is known of writers to what is known of people."""
    registry.contribute(PRODUCT_PARTS, MentionedIn(), module="blog")
    registry.contribute(SITEMAP_SOURCES, PostSitemap(), module="blog", order=30)
    registry.contribute(SITEMAP_SOURCES, CategorySitemap(), module="blog", order=40)
    registry.contribute(PERSONAL_DATA, BlogData(), module="blog")
    for section in SECTIONS:
        registry.contribute(ADMIN_SECTIONS, section, module="blog")
