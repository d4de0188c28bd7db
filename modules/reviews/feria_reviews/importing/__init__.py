"""Reviews from another system: a file of rows, checked one by one, stored in batches."""
