"""Checkout in three phases, payments, shipping, tax."""
