"""Writing products, one or many, in a few statements for any number."""

from feria_catalog.writing.upsert import Rehearsed, rehearse_products, upsert_products

__all__ = ["Rehearsed", "rehearse_products", "upsert_products"]
