"""Invoices and credit notes: numbers without a gap, and the same PDF each time."""
