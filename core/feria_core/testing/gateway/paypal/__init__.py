"""The half of the fake gateway that speaks PayPal's REST v2: orders, captures, refunds, signed webhooks."""
