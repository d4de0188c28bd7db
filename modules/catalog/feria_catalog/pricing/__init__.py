"""What a variant costs: its own price, or that of a price list; and what it cost before."""
