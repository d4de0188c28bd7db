"""Writing products, one or many, in a few statements for any number."""

from feria_catalog.writing.upsert import upsert_products

__all__ = ["upsert_products"]
