"""The sections of shipping and tax on the staff's pages."""

from __future__ import annotations

from feria_core.contracts.admin import Act, AdminSection, Column, Text

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
    Column("amount", {"en": "Price in cents", "es": "Precio en céntimos"}, "number"),
    Column("free_over", {"en": "Free from, in cents", "es": "Gratis desde, en céntimos"}, "number"),
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
TAX_ZONES = _zones(
    "tax-zones", {"en": "Tax zones", "es": "Zonas de impuestos"}, "/api/admin/tax/zones",
    {"en": "No zones yet: nothing is taxed.", "es": "Aún no hay zonas: nada lleva impuestos."},
    Column("rates", {"en": "Rates", "es": "Tipos"}, "json"),
    Column("is_included", {"en": "Included in prices", "es": "Incluido en los precios"}, "flag"),
    Column("is_on_shipping", {"en": "On shipping too", "es": "También sobre el envío"}, "flag"),
    Column("rounding", {"en": "Rounded by", "es": "Se redondea por"}),
)  # fmt: skip
SECTIONS = (SHIPPING_ZONES, TAX_ZONES)
