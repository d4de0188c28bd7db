"""Alerts: one mail when a variant is back in stock, one when its price has fallen."""
