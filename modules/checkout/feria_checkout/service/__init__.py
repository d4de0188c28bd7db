"""The use cases of the checkout.

Rows are always locked in this order: checkout, payment, cart, stock, order. Providers are asked between
transactions, never inside one.
"""
