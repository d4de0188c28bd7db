"""What search engines and shopping channels read of the catalog."""
