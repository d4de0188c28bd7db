"""Fields that staff or modules give to products, variants and categories: typed, checked, public or not."""
