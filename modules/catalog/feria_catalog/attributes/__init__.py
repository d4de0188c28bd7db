"""What products and variants are specified by: definitions, and values checked against them."""
