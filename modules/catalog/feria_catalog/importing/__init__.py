"""Products from files: Feria's own CSV and JSON Lines, or anybody's through a map."""
