"""The sections of draft orders, shipping and tax on the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Choices, Column, Text

_NAME = Column("name", {"en": "Name", "es": "Nombre"})
_CODE = Column("code", {"en": "Code", "es": "Código"})
_COUNTRIES = Column("countries", {"en": "Countries", "es": "Países"}, "json")
_REGIONS = Column("regions", {"en": "Regions", "es": "Regiones"}, "json")
_POSTCODES = Column("postcodes", {"en": "Postal codes", "es": "Códigos postales"}, "json")


def _zones(name: str, title: Text, path: str, empty: Text, *more: Column) -> AdminSection:
    one = f"{path}/{{code}}"
    return AdminSection(
        name=name,
        title=title,
        list_path=path,
        key="code",
        columns=(_NAME, _CODE, _COUNTRIES, _REGIONS, *more[:1]),
        details=(_NAME, _CODE, _COUNTRIES, _REGIONS, _POSTCODES, *more),
        empty=empty,
        create=Act("create", {"en": "New zone", "es": "Nueva zona"}, "PUT", one),
        edit=Act("edit", {"en": "Edit", "es": "Editar"}, "PUT", one),
        acts=(
            Act(
                "delete", {"en": "Delete", "es": "Eliminar"}, "DELETE", one,
                confirm={"en": "Delete this zone?", "es": "¿Eliminar esta zona?"},
            ),
        ),
        group="sales",
    )  # fmt: skip


_METHOD = (
    Column("label", {"en": "Method", "es": "Forma"}),
    Column("kind", {"en": "Kind", "es": "Tipo"}, "status"),
    Column("amount", {"en": "Price", "es": "Precio"}, "minor"),
    Column("free_over", {"en": "Free from", "es": "Gratis desde"}, "minor"),
    Column("min_days", {"en": "Days, from", "es": "Días, desde"}, "number"),
    Column("max_days", {"en": "to", "es": "hasta"}, "number"),
)
SHIPPING_ZONES = _zones(
    "shipping-zones", {"en": "Shipping zones", "es": "Zonas de envío"}, "/api/admin/shipping/zones",
    {
        "en": "No zones yet: everything is sent by the settings. Make one for countries with prices of their own.",
        "es": "Aún no hay zonas: se envía según los ajustes. Cree una para países con precios propios.",
    },
    Column("methods", {"en": "Methods", "es": "Formas de envío"}, "table", _METHOD),
)  # fmt: skip
_RATE = (
    Column("key", {"en": "Tax class", "es": "Clase de impuesto"}),
    Column("name", {"en": "Name", "es": "Nombre"}),
    Column("rate", {"en": "Rate", "es": "Tipo"}, "share"),
)
TAX_ZONES = _zones(
    "tax-zones", {"en": "Tax zones", "es": "Zonas de impuestos"}, "/api/admin/tax/zones",
    {"en": "No zones yet: nothing is taxed.", "es": "Aún no hay zonas: nada lleva impuestos."},
    Column("rates", {"en": "Rates", "es": "Tipos"}, "table", _RATE),
    Column("is_included", {"en": "Included in prices", "es": "Incluido en los precios"}, "flag"),
    Column("is_on_shipping", {"en": "On shipping too", "es": "También sobre el envío"}, "flag"),
    Column("rounding", {"en": "Rounded by", "es": "Se redondea por"}),
)  # fmt: skip
_DRAFTS, _DRAFT = "/api/admin/draft-orders", "/api/admin/draft-orders/{id}"
DRAFT_ORDERS = AdminSection(
    name="draft-orders",
    title={"en": "Draft orders", "es": "Borradores de pedido"},
    list_path=_DRAFTS,
    item_path=_DRAFT,
    columns=(
        Column("email", {"en": "Buyer", "es": "Comprador"}),
        Column("status", {"en": "State", "es": "Estado"}, "status"),
        Column("order_number", {"en": "Order", "es": "Pedido"}, section="orders"),
        Column("created_at", {"en": "Made", "es": "Creado"}, "moment"),
        Column("expires_at", {"en": "Ends", "es": "Caduca"}, "moment"),
    ),
    details=(
        Column("email", {"en": "Buyer", "es": "Comprador"}),
        Column("status", {"en": "State", "es": "Estado"}, "status"),
        Column("order_number", {"en": "Order", "es": "Pedido"}, section="orders"),
        Column(
            "items", {"en": "Items", "es": "Artículos"}, "table",
            (
                Column("image_url", {"en": "Picture", "es": "Imagen"}, "image"),
                Column("name", {"en": "Item", "es": "Artículo"}),
                Column("sku", {"en": "SKU", "es": "SKU"}),
                Column("unit_price", {"en": "Each", "es": "Precio"}, "money"),
                Column("quantity", {"en": "Pieces", "es": "Unidades"}, "number"),
                Column("total", {"en": "Total", "es": "Total"}, "money"),
            ),
        ),
        Column("grand_total", {"en": "Total", "es": "Total"}, "money"),
        Column("shipping_address", {"en": "Ship to", "es": "Enviar a"}, "json"),
        Column("note", {"en": "Note", "es": "Nota"}),
        Column("expires_at", {"en": "Ends", "es": "Caduca"}, "moment"),
    ),
    empty={
        "en": "No drafts yet: make an order for a buyer, who pays it by a link.",
        "es": "Aún no hay borradores: prepare un pedido para un comprador, que lo paga con un enlace.",
    },
    create=Act(
        "create", {"en": "New draft order", "es": "Nuevo borrador"}, "POST", _DRAFTS,
        fields=("email", "lines", "shipping", "note", "valid_hours", "send_link", "shipping_address"),
        choices={"lines.variant_id": Choices("/api/admin/variants", "id", "title", search="q")},
    ),
    acts=(
        Act("link", {"en": "New link", "es": "Nuevo enlace"}, "POST", f"{_DRAFT}/link", tells=True),
        Act(
            "end", {"en": "End it", "es": "Terminarlo"}, "DELETE", _DRAFT,
            confirm={"en": "Its link opens nothing any more.", "es": "Su enlace ya no abrirá nada."},
        ),
    ),
    group="sales",
)  # fmt: skip
SECTIONS = (DRAFT_ORDERS, SHIPPING_ZONES, TAX_ZONES)
