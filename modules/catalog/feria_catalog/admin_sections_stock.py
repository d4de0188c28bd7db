"""The catalog's sections of the staff's pages: price lists, stock and imports."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column, Download, Part

_PRICE_LIST = "/api/admin/price-lists/{code}"
_LIST_COLUMNS = (
    Column("name", {"en": "Name", "es": "Nombre"}),
    Column("code", {"en": "Code", "es": "Código"}),
    Column("starts_at", {"en": "From", "es": "Desde"}, "moment"),
    Column("ends_at", {"en": "Until", "es": "Hasta"}, "moment"),
    Column("customer_group", {"en": "For", "es": "Para"}),
    Column("min_quantity", {"en": "From so many on", "es": "Desde cuántos"}, "number"),
    Column("priority", {"en": "Priority", "es": "Prioridad"}, "number"),
    Column("price_count", {"en": "Prices", "es": "Precios"}, "number"),
    Column("is_active", {"en": "Active", "es": "Activa"}, "flag"),
)

PRICE_LISTS = AdminSection(
    name="price-lists",
    title={"en": "Price lists", "es": "Listas de precios"},
    list_path="/api/admin/price-lists",
    columns=_LIST_COLUMNS,
    empty={"en": "There are no price lists yet.", "es": "Todavía no hay listas de precios."},
    key="code",
    item_path=_PRICE_LIST,
    parts=(
        Part(
            name="prices",
            title={"en": "Prices", "es": "Precios"},
            list_path=f"{_PRICE_LIST}/prices",
            key="variant_id",
            columns=(
                Column("sku", {"en": "SKU", "es": "SKU"}),
                Column("price", {"en": "Price here", "es": "Precio aquí"}, "money"),
                Column("base_price", {"en": "Otherwise", "es": "Sin la lista"}, "money"),
            ),
            empty={"en": "No prices yet: set some.", "es": "Aún no hay precios: fije algunos."},
        ),
    ),
    details=(*_LIST_COLUMNS, Column("version", {"en": "Version", "es": "Versión"}, "number")),
    create=Act("create", {"en": "Create", "es": "Crear"}, "POST", "/api/admin/price-lists"),
    edit=Act("edit", {"en": "Edit", "es": "Editar"}, "PATCH", _PRICE_LIST),
    acts=(
        Act("set_prices", {"en": "Set prices", "es": "Fijar precios"}, "PUT", f"{_PRICE_LIST}/prices"),
        Act(
            "delete",
            {"en": "Delete", "es": "Eliminar"},
            "DELETE",
            _PRICE_LIST,
            confirm={"en": "Delete this price list?", "es": "¿Eliminar esta lista de precios?"},
        ),
    ),
    group="catalog",
)

MOVEMENTS = AdminSection(
    name="stock-movements",
    title={"en": "Stock movements", "es": "Movimientos de existencias"},
    list_path="/api/admin/stock/movements",
    columns=(
        Column("at", {"en": "When", "es": "Cuándo"}, "moment"),
        Column("sku", {"en": "SKU", "es": "SKU"}),
        Column("change", {"en": "Change", "es": "Cambio"}, "number"),
        Column("reason", {"en": "Reason", "es": "Motivo"}),
        Column("reference", {"en": "Reference", "es": "Referencia"}),
        Column("actor", {"en": "By", "es": "Por"}),
    ),
    empty={"en": "No stock has moved yet.", "es": "Todavía no se ha movido nada."},
    search="sku",
    create=Act("adjust", {"en": "Correct stock", "es": "Corregir existencias"}, "POST", "/api/admin/stock/adjustments"),
    group="catalog",
)

_IMPORT = "/api/admin/imports/{id}"
_IMPORT_COLUMNS = (
    Column("created_at", {"en": "Uploaded", "es": "Subida"}, "moment"),
    Column("state", {"en": "State", "es": "Estado"}, "status"),
    Column("format", {"en": "Format", "es": "Formato"}),
    Column("dry_run", {"en": "Only checked", "es": "Solo comprobada"}, "flag"),
    Column("progress", {"en": "Done", "es": "Hecho"}, "number"),
    Column("counts.created", {"en": "New", "es": "Nuevos"}, "number"),
    Column("counts.updated", {"en": "Changed", "es": "Modificados"}, "number"),
    Column("counts.errors", {"en": "Refused", "es": "Rechazados"}, "number"),
)

IMPORTS = AdminSection(
    name="imports",
    title={"en": "Imports", "es": "Importaciones"},
    list_path="/api/admin/imports",
    columns=_IMPORT_COLUMNS,
    empty={
        "en": "Nothing was imported yet: bring products in from a CSV or JSON Lines file.",
        "es": "Todavía no se ha importado nada: traiga productos de un archivo CSV o JSON Lines.",
    },
    create=Act(
        "import", {"en": "Import a file", "es": "Importar un archivo"}, "POST", "/api/admin/products/import",
        fields=("dry_run",), upload=".csv,.jsonl,.json,.gz,text/csv",
    ),
    downloads=(
        Download("errors", {"en": "Refused rows as CSV", "es": "Filas rechazadas en CSV"}, f"{_IMPORT}/errors.csv"),
    ),
    item_path=_IMPORT,
    details=(
        *_IMPORT_COLUMNS,
        Column("counts.unchanged", {"en": "As they were", "es": "Sin cambios"}, "number"),
        Column("failure", {"en": "Why it stopped", "es": "Por qué se detuvo"}),
        Column("changes", {"en": "What would change", "es": "Qué cambiaría"}, "json"),
        Column("finished_at", {"en": "Finished", "es": "Terminada"}, "moment"),
    ),
    group="catalog",
)  # fmt: skip
