"""Search: words of products with their weights, what was typed made into a plan, and what fits it."""
