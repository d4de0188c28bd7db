"""The statements of the checkout, by table."""
