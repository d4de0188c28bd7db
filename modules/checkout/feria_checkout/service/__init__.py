"""The use cases of the checkout.

Rows are always locked in this order: checkout, payment, cart, order, stock. Providers are asked between
transactions, never inside one.
"""
