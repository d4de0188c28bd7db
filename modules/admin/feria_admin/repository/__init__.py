"""What admin stores, by hand-written SQL."""
