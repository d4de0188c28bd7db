"""Money that goes back: by piece, by amount, or all that is left."""
