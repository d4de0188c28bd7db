"""Parcels: packed, shipped, delivered, and where they are shown."""
