"""Recommendations learned from activity."""
