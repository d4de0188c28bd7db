"""What a shopper has put aside for later: out of the cart, not forgotten."""
