"""The catalog's sections of the staff's pages: products and what they are arranged by."""

from __future__ import annotations

from feria_catalog.admin_sections_search import SEARCHES, SYNONYMS
from feria_catalog.admin_sections_stock import IMPORTS, MOVEMENTS, PRICE_LISTS
from feria_core.contracts.admin import Act, AdminSection, Choices, Column, Part, Text

CREATE: Text = {"en": "Create", "es": "Crear"}
EDIT: Text = {"en": "Edit", "es": "Editar"}
DELETE: Text = {"en": "Delete", "es": "Eliminar"}
NAME = Column("name", {"en": "Name", "es": "Nombre"})
SLUG = Column("slug", {"en": "Address", "es": "Dirección"})
CODE = Column("code", {"en": "Code", "es": "Código"})
DESCRIPTION = Column("description", {"en": "Description", "es": "Descripción"})
CUSTOM_FIELDS = Column("custom_fields", {"en": "Custom fields", "es": "Campos propios"}, "json")
VERSION = Column("version", {"en": "Version", "es": "Versión"}, "number")

_PRODUCTS, _PRODUCT = "/api/admin/products", "/api/admin/products/{id}"
_CATEGORY, _BRAND = "/api/admin/categories/{slug}", "/api/admin/brands/{slug}"
_ATTRIBUTE, _TYPE = "/api/admin/attributes/{code}", "/api/admin/product-types/{code}"
_COLLECTION = "/api/admin/collections/{slug}"
_CHOICES = {
    "brand": Choices("/api/admin/brands", "name", "name"),
    "category": Choices("/api/admin/categories", "slug", "name"),
    "product_type": Choices("/api/admin/product-types", "code", "name"),
}
_VARIANT_FIELDS = ("sku", "price", "compare_at_price", "stock", "options")
_VARIANTS = Part(
    name="variants",
    title={"en": "Variants", "es": "Variantes"},
    list_path=f"{_PRODUCT}/variants",
    columns=(
        Column("sku", {"en": "SKU", "es": "SKU"}),
        Column("options", {"en": "Options", "es": "Opciones"}, "json"),
        Column("price", {"en": "Price", "es": "Precio"}, "money"),
        Column("compare_at_price", {"en": "Before", "es": "Antes"}, "money"),
        Column("on_hand", {"en": "In stock", "es": "Existencias"}, "number"),
        Column("is_active", {"en": "Sold", "es": "Se vende"}, "flag"),
    ),
    empty={"en": "Nothing can be bought of it yet.", "es": "Aún no se puede comprar."},
    create=Act("add_variant", {"en": "Add a variant", "es": "Añadir una variante"}, "POST", f"{_PRODUCT}/variants"),
    edit=Act("variant", EDIT, "PATCH", f"{_PRODUCT}/variants/{{row.id}}"),
)
_MEDIA = Part(
    name="media",
    title={"en": "Pictures", "es": "Imágenes"},
    list_path=f"{_PRODUCT}/media",
    columns=(
        Column("url", {"en": "Picture", "es": "Imagen"}, "image"),
        Column("alt", {"en": "Description", "es": "Descripción"}),
        Column("position", {"en": "Position", "es": "Posición"}, "number"),
    ),
    empty={
        "en": "No pictures yet: products with pictures sell.",
        "es": "Aún no hay imágenes: los productos con imágenes se venden.",
    },
    create=Act(
        "picture", {"en": "Add a picture", "es": "Añadir una imagen"}, "POST", f"{_PRODUCT}/media", fields=("alt",),
        upload="image/*",
    ),
    edit=Act("describe", EDIT, "PATCH", f"{_PRODUCT}/media/{{row.id}}", fields=("alt", "position")),
    acts=(
        Act(
            "remove_picture", DELETE, "DELETE", f"{_PRODUCT}/media/{{row.id}}",
            confirm={"en": "Delete this picture?", "es": "¿Eliminar esta imagen?"},
        ),
    ),
)  # fmt: skip


def _delete(path: str, question: Text) -> Act:
    return Act("delete", DELETE, "DELETE", path, confirm=question)


PRODUCTS = AdminSection(
    name="products",
    title={"en": "Products", "es": "Productos"},
    list_path=_PRODUCTS,
    columns=(
        Column("image.url", {"en": "Picture", "es": "Imagen"}, "image"),
        NAME,
        Column("sku", {"en": "SKU", "es": "SKU"}),
        Column("brand", {"en": "Brand", "es": "Marca"}),
        Column("price", {"en": "Price", "es": "Precio"}, "money"),
        Column("on_hand", {"en": "In stock", "es": "Existencias"}, "number"),
        Column("status", {"en": "State", "es": "Estado"}, "status"),
        Column("updated_at", {"en": "Changed", "es": "Modificado"}, "moment"),
    ),
    empty={
        "en": "There are no products yet: create one, or import a file.",
        "es": "Todavía no hay productos: cree uno o importe un archivo.",
    },
    item_path=_PRODUCT,
    details=(
        NAME,
        SLUG,
        Column("status", {"en": "State", "es": "Estado"}, "status"),
        Column("brand", {"en": "Brand", "es": "Marca"}),
        Column("category", {"en": "Category", "es": "Categoría"}),
        Column("price", {"en": "Price", "es": "Precio"}, "money"),
        DESCRIPTION,
        Column("attributes", {"en": "Attributes", "es": "Atributos"}, "json"),
        Column("publish_at", {"en": "Shown from", "es": "Visible desde"}, "moment"),
        Column("unpublish_at", {"en": "Shown until", "es": "Visible hasta"}, "moment"),
        CUSTOM_FIELDS,
        VERSION,
    ),
    search="q",
    filters=("status",),
    create=Act(
        "create", {"en": "New product", "es": "Nuevo producto"}, "POST", _PRODUCTS,
        fields=("name", "status", "description", "brand", "category", "product_type", "variants",
                *(f"variants.{name}" for name in _VARIANT_FIELDS), "attributes", "slug", "publish_at", "unpublish_at",
                "seo", "custom_fields"),
        choices=_CHOICES,
    ),
    edit=Act(
        "edit", EDIT, "PATCH", _PRODUCT,
        fields=("name", "slug", "description", "brand", "category", "product_type", "attributes", "status",
                "publish_at", "unpublish_at", "seo", "custom_fields", "version"),
        choices=_CHOICES, bulk=True),
    acts=(
        Act("matrix", {"en": "Make variants", "es": "Generar variantes"}, "POST", f"{_PRODUCT}/variants/matrix"),
        Act(
            "reprice", {"en": "Change prices", "es": "Cambiar precios"}, "POST", f"{_PRODUCT}/reprice", bulk=True,
        ),
        Act(
            "archive", {"en": "Archive", "es": "Archivar"}, "DELETE", _PRODUCT,
            when=("status", ("draft", "scheduled", "published")),
            confirm={"en": "Take this product off the shop?", "es": "¿Retirar este producto de la tienda?"}, bulk=True),
    ),
    parts=(_VARIANTS, _MEDIA),
    group="catalog",
)  # fmt: skip

CATEGORIES = AdminSection(
    name="categories",
    title={"en": "Categories", "es": "Categorías"},
    list_path="/api/admin/categories",
    columns=(
        NAME,
        SLUG,
        Column("parent", {"en": "Under", "es": "Dentro de"}),
        Column("position", {"en": "Position", "es": "Posición"}, "number"),
    ),
    empty={"en": "There are no categories yet.", "es": "Todavía no hay categorías."},
    key="slug",
    item_path=_CATEGORY,
    details=(NAME, SLUG, Column("path", {"en": "Path", "es": "Ruta"}, "json"), CUSTOM_FIELDS, VERSION),
    create=Act("create", CREATE, "POST", "/api/admin/categories"),
    edit=Act("edit", EDIT, "PATCH", _CATEGORY),
    acts=(_delete(_CATEGORY, {"en": "Delete this category?", "es": "¿Eliminar esta categoría?"}),),
    group="catalog",
)

BRANDS = AdminSection(
    name="brands",
    title={"en": "Brands", "es": "Marcas"},
    list_path="/api/admin/brands",
    columns=(NAME, SLUG, Column("product_count", {"en": "Products", "es": "Productos"}, "number")),
    empty={"en": "There are no brands yet.", "es": "Todavía no hay marcas."},
    key="slug",
    item_path=_BRAND,
    create=Act("create", CREATE, "POST", "/api/admin/brands"),
    edit=Act("edit", EDIT, "PATCH", _BRAND),
    acts=(_delete(_BRAND, {"en": "Delete this brand?", "es": "¿Eliminar esta marca?"}),),
    group="catalog",
)

ATTRIBUTES = AdminSection(
    name="attributes",
    title={"en": "Attributes", "es": "Atributos"},
    list_path="/api/admin/attributes",
    columns=(
        NAME,
        CODE,
        Column("type", {"en": "Type", "es": "Tipo"}),
        Column("unit", {"en": "Unit", "es": "Unidad"}),
        Column("level", {"en": "Of", "es": "De"}),
        Column("filterable", {"en": "Filter", "es": "Filtro"}, "flag"),
    ),
    empty={"en": "No attributes are declared yet.", "es": "Todavía no hay atributos declarados."},
    key="code",
    item_path=_ATTRIBUTE,
    details=(
        NAME,
        CODE,
        Column("type", {"en": "Type", "es": "Tipo"}),
        Column("unit", {"en": "Unit", "es": "Unidad"}),
        Column("level", {"en": "Of", "es": "De"}),
        Column("filterable", {"en": "Filter", "es": "Filtro"}, "flag"),
        Column("allowed_values", {"en": "Values", "es": "Valores"}, "json"),
        Column("group", {"en": "Group", "es": "Grupo"}),
        Column("position", {"en": "Position", "es": "Posición"}, "number"),
        VERSION,
    ),
    create=Act("create", CREATE, "POST", "/api/admin/attributes"),
    edit=Act("edit", EDIT, "PATCH", _ATTRIBUTE),
    acts=(_delete(_ATTRIBUTE, {"en": "Delete this attribute?", "es": "¿Eliminar este atributo?"}),),
    group="catalog",
)

PRODUCT_TYPES = AdminSection(
    name="product-types",
    title={"en": "Product types", "es": "Tipos de producto"},
    list_path="/api/admin/product-types",
    columns=(NAME, CODE, Column("attributes", {"en": "Attributes", "es": "Atributos"}, "json")),
    empty={"en": "There are no product types yet.", "es": "Todavía no hay tipos de producto."},
    key="code",
    item_path=_TYPE,
    create=Act("create", CREATE, "POST", "/api/admin/product-types"),
    edit=Act("edit", EDIT, "PATCH", _TYPE),
    acts=(_delete(_TYPE, {"en": "Delete this product type?", "es": "¿Eliminar este tipo de producto?"}),),
    group="catalog",
)

COLLECTIONS = AdminSection(
    name="collections",
    title={"en": "Collections", "es": "Colecciones"},
    list_path="/api/admin/collections",
    columns=(NAME, SLUG, DESCRIPTION, Column("rule", {"en": "Rule", "es": "Regla"}, "json")),
    empty={"en": "There are no collections yet.", "es": "Todavía no hay colecciones."},
    key="slug",
    item_path=_COLLECTION,
    details=(
        NAME,
        SLUG,
        DESCRIPTION,
        Column("rule", {"en": "Rule", "es": "Regla"}, "json"),
        Column("products", {"en": "Products", "es": "Productos"}, "json"),
        VERSION,
    ),
    create=Act("create", CREATE, "POST", "/api/admin/collections"),
    edit=Act("edit", EDIT, "PATCH", _COLLECTION),
    acts=(_delete(_COLLECTION, {"en": "Delete this collection?", "es": "¿Eliminar esta colección?"}),),
    group="catalog",
)

SECTIONS = (
    PRODUCTS, CATEGORIES, BRANDS, ATTRIBUTES, PRODUCT_TYPES, COLLECTIONS, PRICE_LISTS, MOVEMENTS, IMPORTS, SYNONYMS,
    SEARCHES,
)  # fmt: skip
