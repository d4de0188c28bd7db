"""Codes and labels made comparable and readable."""

from __future__ import annotations

from functools import lru_cache

from feria_core.text import fold, slug_of

# A lexeme takes 2046 bytes; folding can make a letter longer.
MAX_CODE = 200


def code_key(code: str) -> str:
    """Return how an SKU or barcode is compared: folded, without spaces."""
    return "".join(fold(code).split())[:MAX_CODE]


@lru_cache(maxsize=4096)
def attribute_code(name: str) -> str:
    """Return the code of an attribute: "Screen size" is `screen_size`."""
    return slug_of(name).replace("-", "_")


def label_of(name: str) -> str:
    """Return how an attribute or option is shown: `screen_size` is "Screen size"."""
    spaced = name.replace("_", " ").strip() or name
    return spaced[:1].upper() + spaced[1:]
