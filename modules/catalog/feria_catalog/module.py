"""What this module hands to core."""

from feria_core.module import Job, Module, Permission, Schedule

module = Module(
    models="feria_catalog.models",
    blueprints=(
        "feria_catalog.api:blueprint",
        "feria_catalog.media:blueprint",
        "feria_catalog.admin_api:blueprint",
        "feria_catalog.admin_api_stock:blueprint",
        "feria_catalog.importing.admin_api:blueprint",
    ),
    provides="feria_catalog.provides:register",
    jobs=(
        Job("catalog.release_expired_holds", "feria_catalog.jobs:release_expired_holds", timeout_s=60, max_attempts=2),
        Job("catalog.count_sales", "feria_catalog.jobs:count_sales", timeout_s=300, max_attempts=2),
        Job("catalog.import_products", "feria_catalog.importing.jobs:import_products", timeout_s=300),
    ),
    schedules=(
        Schedule("catalog.release_expired_holds", every_s=30),
        Schedule("catalog.count_sales", every_s=3600),
    ),
    permissions=(
        Permission("catalog.read", "See drafts, archived products and imports"),
        Permission("catalog.write", "Create and edit products, categories, brands"),
        Permission("stock.write", "Correct stock and read its movements"),
    ),
    commands=("feria_catalog.commands:import_",),
    checks=(
        "feria_catalog.checks:stock_ledger",
        "feria_catalog.checks:stock_holds",
        "feria_catalog.checks:documents",
    ),
    demo="feria_catalog.demo:load",
)
