"""Guest and customer carts, merged at login."""
