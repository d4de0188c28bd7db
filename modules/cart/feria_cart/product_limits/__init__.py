"""How many pieces of a product each customer may buy: set by staff, claimed with the order."""
