"""Drawn pictures of products, for a shop that has no photographs yet.

A picture is made from its kind, a colour and a seed, and is always the same for them. Nothing is loaded: no
fonts, no photographs, no network.
"""

from feria_catalog.pictures.drawing import KINDS, Motif, draw_all, draw_webp

__all__ = ["KINDS", "Motif", "draw_all", "draw_webp"]
