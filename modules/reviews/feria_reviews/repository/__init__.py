"""The statements of reviews, a file for each thing."""
