"""Measurements of a whole Feria: `make bench`."""
