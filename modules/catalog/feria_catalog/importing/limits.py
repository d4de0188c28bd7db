"""What a file may hold at the most; nothing beyond these reaches the database."""

from __future__ import annotations

SKU = 100
NAME = 300
SLUG = 200
DESCRIPTION = 50_000
BRAND = 100
PRODUCT_TYPE = 100
CATEGORY = 100
CATEGORY_DEPTH = 16
SEO_TITLE = 200
SEO_DESCRIPTION = 500
TAX_CLASS = 50
MEDIA = 100
MEDIA_ALT = 500
URL = 2000
BARCODE = 64
ATTRIBUTES = 500
ATTRIBUTE_CODE = 100
ATTRIBUTE_TEXT = 10_000
ATTRIBUTE_VALUES = 100
# Beyond this JSON readers lose digits; a double has no more decimals.
ATTRIBUTE_NUMBER = 2**53
ATTRIBUTE_DECIMALS = 330
OPTIONS = 10
OPTION_NAME = 100
OPTION_VALUE = 100
VARIANTS = 200
STOCK = 1_000_000_000
WEIGHT_G = 100_000_000

LINE_BYTES = 4 * 1024 * 1024
CELL = 400_000
COLUMNS = 1000
# What a compressed file may unfold to: far beyond a catalogue, far below what fills a night.
UNPACKED_BYTES = 8 * 1024**3
UPLOAD_BYTES = 256 * 1024**2
# Rows of errors that are kept for one upload; the count goes on.
KEPT_PROBLEMS = 10_000
# Of a refused row as it was given.
KEPT_ROW = 2_000
