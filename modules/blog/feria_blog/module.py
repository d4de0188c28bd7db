"""What this module hands to core."""

from feria_blog.settings import BlogSettings
from feria_core.module import Job, Module, Permission, Schedule

module = Module(
    settings=BlogSettings,
    models="feria_blog.models",
    blueprints=(
        "feria_blog.api:blueprint",
        "feria_blog.api_feeds:blueprint",
        "feria_blog.admin_api:blueprint",
        "feria_blog.admin_api_taxonomy:blueprint",
    ),
    provides="feria_blog.provides:register",
    jobs=(
        Job("blog.resolve_mentions", "feria_blog.jobs:resolve_mentions", timeout_s=60, max_attempts=2),
        Job("blog.forget_previews", "feria_blog.jobs:forget_previews", timeout_s=60, max_attempts=2),
        Job("blog.reindex", "feria_blog.jobs:reindex", timeout_s=300),
    ),
    schedules=(
        Schedule("blog.resolve_mentions", every_s=60),
        Schedule("blog.forget_previews", every_s=24 * 3600),
    ),
    permissions=(
        Permission(
            "blog.write",
            "Write, publish and delete posts, their categories, tags and authors",
            {"es": "Escribir, publicar y borrar entradas, sus categorías, etiquetas y autores"},
        ),
    ),
    checks=(
        "feria_blog.checks:post_slugs",
        "feria_blog.checks:post_categories",
        "feria_blog.checks:post_words",
    ),
    demo="feria_blog.demo:load",
)
