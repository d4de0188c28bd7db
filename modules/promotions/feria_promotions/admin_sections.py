"""The sections of promotions and flash sales on the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Choices, Column, Download, Part

_ALL, _ONE = "/api/admin/promotions", "/api/admin/promotions/{id}"
_SALES, _SALE = "/api/admin/promotions/flash-sales", "/api/admin/promotions/flash-sales/{id}"
_VARIANTS = Choices("/api/admin/variants", "id", "title", search="q")
_NAME = Column("name", {"en": "Name", "es": "Nombre"})
_STARTS = Column("starts_at", {"en": "From", "es": "Desde"}, "moment")
_ENDS = Column("ends_at", {"en": "Until", "es": "Hasta"}, "moment")
_ACTIVE = Column("active", {"en": "Switched on", "es": "Activada"}, "flag")
_ARCHIVED = Column("archived_at", {"en": "Archived", "es": "Archivada"}, "moment")
_COLUMNS = (
    _NAME,
    Column("kind", {"en": "Kind", "es": "Tipo"}, "status"),
    Column("value", {"en": "Value", "es": "Valor"}, "json"),
    Column("used", {"en": "Used", "es": "Usada"}, "number"),
    Column("needs_code", {"en": "By code", "es": "Con código"}, "flag"),
    _STARTS,
    _ENDS,
    _ACTIVE,
)
_CODES = Part(
    name="codes",
    title={"en": "Codes", "es": "Códigos"},
    list_path=f"{_ONE}/codes",
    columns=(
        Column("code", {"en": "Code", "es": "Código"}),
        Column("used", {"en": "Used", "es": "Usado"}, "number"),
        Column("usage_limit", {"en": "At most", "es": "Como mucho"}, "number"),
        _ENDS,
    ),
    empty={"en": "Without a code it applies to everybody.", "es": "Sin código vale para todos."},
    create=Act("codes", {"en": "Make codes", "es": "Crear códigos"}, "POST", f"{_ONE}/codes"),
)
_FIELDS = (
    "name", "kind", "value", "starts_at", "ends_at", "active", "usage_limit", "usage_limit_per_customer",
    "max_discount", "tiers", "buy", "gift", "conditions", "stacking", "lane", "priority",
)  # fmt: skip

PROMOTIONS = AdminSection(
    name="promotions",
    title={"en": "Promotions", "es": "Promociones"},
    list_path=_ALL,
    item_path=_ONE,
    columns=_COLUMNS,
    details=(
        *_COLUMNS,
        Column("usage_limit", {"en": "Uses in all", "es": "Usos en total"}, "number"),
        Column("usage_limit_per_customer", {"en": "Uses for each customer", "es": "Usos por cliente"}, "number"),
        Column("stacking", {"en": "With others", "es": "Con otras"}),
        Column("lane", {"en": "Lane", "es": "Carril"}),
        Column("priority", {"en": "Priority", "es": "Prioridad"}, "number"),
        Column("max_discount", {"en": "At most", "es": "Como mucho"}, "money"),
        Column("tiers", {"en": "Tiers", "es": "Tramos"}, "json"),
        Column("buy", {"en": "Buy and get", "es": "Compre y llévese"}, "json"),
        Column("gift", {"en": "Gift", "es": "Regalo"}, "json"),
        Column("conditions", {"en": "Conditions", "es": "Condiciones"}, "json"),
        _ARCHIVED,
    ),
    empty={
        "en": "No promotions yet: make one that applies by itself, or by codes.",
        "es": "Aún no hay promociones: cree una que se aplique sola o con códigos.",
    },
    filters=("archived",),
    create=Act("create", {"en": "New promotion", "es": "Nueva promoción"}, "POST", _ALL, fields=_FIELDS),
    edit=Act("edit", {"en": "Edit", "es": "Editar"}, "PATCH", _ONE, fields=_FIELDS, bulk=True),
    acts=(
        Act(
            "preview", {"en": "Try it on a cart", "es": "Probar con un carrito"}, "POST", f"{_ALL}/preview",
            fields=("items", "codes", "customer_group", "shipping", "at"),
            choices={"items.variant_id": _VARIANTS}, tells=True,
        ),
        Act(
            "archive", {"en": "Archive", "es": "Archivar"}, "DELETE", _ONE,
            confirm={"en": "It no longer applies; its past stays.", "es": "Deja de aplicarse; su pasado se conserva."},
            bulk=True,
        ),
    ),
    parts=(_CODES,),
    downloads=(Download("codes", {"en": "Codes as CSV", "es": "Códigos en CSV"}, f"{_ONE}/codes.csv"),),
    group="marketing",
)  # fmt: skip

FLASH_SALES = AdminSection(
    name="flash-sales",
    title={"en": "Flash sales", "es": "Ventas relámpago"},
    list_path=_SALES,
    item_path=_SALE,
    columns=(_NAME, _STARTS, _ENDS, _ACTIVE, _ARCHIVED),
    details=(
        _NAME, _STARTS, _ENDS, _ACTIVE, _ARCHIVED,
        Column(
            "items", {"en": "Prices", "es": "Precios"}, "table",
            (
                Column("sku", {"en": "SKU", "es": "SKU"}),
                Column("price", {"en": "Price", "es": "Precio"}, "money"),
                Column("cap", {"en": "Pieces", "es": "Unidades"}, "number"),
                Column("cap_per_customer", {"en": "For each customer", "es": "Por cliente"}, "number"),
                Column("sold", {"en": "Sold", "es": "Vendidas"}, "number"),
            ),
        ),
    ),
    empty={
        "en": "No flash sales yet: offer some products cheaper for a while.",
        "es": "Aún no hay ventas relámpago: ofrezca productos más baratos durante un tiempo.",
    },
    filters=("archived",),
    create=Act(
        "create", {"en": "New flash sale", "es": "Nueva venta relámpago"}, "POST", _SALES,
        fields=("name", "starts_at", "ends_at", "active", "items"), choices={"items.variant_id": _VARIANTS},
    ),
    edit=Act("edit", {"en": "Edit", "es": "Editar"}, "PATCH", _SALE, choices={"items.variant_id": _VARIANTS}),
    acts=(
        Act(
            "archive", {"en": "Archive", "es": "Archivar"}, "DELETE", _SALE,
            confirm={"en": "The prices go back at once.", "es": "Los precios vuelven enseguida."},
        ),
    ),
    group="marketing",
)  # fmt: skip
SECTIONS = (PROMOTIONS, FLASH_SALES)
