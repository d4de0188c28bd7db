"""Returns: asked for, decided, received, and what goes back for them."""
