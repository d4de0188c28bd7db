"""Products, variants, categories, search, stock, import."""
