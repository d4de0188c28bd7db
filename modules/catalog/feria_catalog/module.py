"""What this module hands to core."""

from feria_catalog.settings import CatalogSettings
from feria_core.module import Job, Module, Permission, Schedule

module = Module(
    settings=CatalogSettings,
    models="feria_catalog.models",
    blueprints=(
        "feria_catalog.api:blueprint",
        "feria_catalog.media.serving:blueprint",
        "feria_catalog.media.admin_api:blueprint",
        "feria_catalog.admin_api:blueprint",
        "feria_catalog.admin_api_attributes:blueprint",
        "feria_catalog.admin_api_tree:blueprint",
        "feria_catalog.admin_api_collections:blueprint",
        "feria_catalog.admin_api_translations:blueprint",
        "feria_catalog.admin_api_stock:blueprint",
        "feria_catalog.admin_api_prices:blueprint",
        "feria_catalog.admin_api_custom_fields:blueprint",
        "feria_catalog.importing.admin_api:blueprint",
        "feria_catalog.exporting.admin_api:blueprint",
        "feria_catalog.feeds.api:blueprint",
        "feria_catalog.search.admin_api:blueprint",
    ),
    provides="feria_catalog.provides:register",
    jobs=(
        Job("catalog.release_expired_holds", "feria_catalog.jobs:release_expired_holds", timeout_s=60, max_attempts=2),
        Job("catalog.count_sales", "feria_catalog.jobs:count_sales", timeout_s=300, max_attempts=2),
        Job("catalog.rewrite_affected", "feria_catalog.jobs:rewrite_affected", timeout_s=300),
        Job("catalog.reprice", "feria_catalog.jobs:reprice", timeout_s=300),
        Job("catalog.sweep_prices", "feria_catalog.jobs:sweep_prices", timeout_s=600, max_attempts=2),
        Job("catalog.sweep_media", "feria_catalog.media.jobs:sweep_media", timeout_s=300, max_attempts=2),
        Job("catalog.sweep_searches", "feria_catalog.search.jobs:sweep_searches", timeout_s=300, max_attempts=2),
        Job("catalog.import_products", "feria_catalog.importing.jobs:import_products", timeout_s=300),
        Job("catalog.fetch_images", "feria_catalog.importing.jobs:fetch_images", timeout_s=300),
    ),
    schedules=(
        Schedule("catalog.release_expired_holds", every_s=30),
        Schedule("catalog.count_sales", every_s=3600),
        Schedule("catalog.reprice", every_s=60),
        Schedule("catalog.sweep_prices", every_s=24 * 3600),
        Schedule("catalog.sweep_media", every_s=3600),
        Schedule("catalog.sweep_searches", every_s=24 * 3600),
    ),
    permissions=(
        Permission(
            "catalog.read",
            "See products of every status, variants, categories, brands, price lists and imports",
            {"es": "Ver productos en cualquier estado, variantes, marcas, listas de precios e importaciones"},
        ),
        Permission(
            "catalog.write",
            "Create and edit products, categories, brands",
            {"es": "Crear y editar productos, categorías y marcas"},
        ),
        Permission(
            "stock.write", "Correct stock and read its movements", {"es": "Corregir existencias y ver sus movimientos"}
        ),
    ),
    commands=("feria_catalog.commands:import_", "feria_catalog.commands:catalog"),
    checks=(
        "feria_catalog.checks:stock_ledger",
        "feria_catalog.checks:stock_holds",
        "feria_catalog.checks:documents",
        "feria_catalog.media.checks:media",
        "feria_catalog.search.checks:postings",
    ),
    demo="feria_catalog.demo:load",
    on_moved="feria_catalog.moving:moved",
    on_start="feria_catalog.lifespan:start",
    on_stop="feria_catalog.lifespan:stop",
)
