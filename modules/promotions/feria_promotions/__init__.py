"""Promotions, discount codes, flash sales."""
