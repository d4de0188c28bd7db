"""The read model: each product's card and page as ready text, written with every change."""

from feria_catalog.documents.writing import refresh_in_stock, rewrite

__all__ = ["refresh_in_stock", "rewrite"]
