"""What only core may import."""
